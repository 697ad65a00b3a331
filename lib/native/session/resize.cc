// A kernel of our own: a picture resized straight into its place in the batch.
//
//   ConvnetsResizeInto(batch: float32 or uint8 [n, height, width, channels], image: uint8 [h, w, channels]; index)
//
// TensorFlow's ResizeBilinear loads byte by byte and takes as long as the JPEG's entropy decoder, and a batch of its
// results has to be put together by a copy. This one has the same float32 arithmetic in the same order, so the pixels
// are the same to the last bit (compile without contraction to fused multiply-adds); half-pixel centres.
// It writes into its input, which belongs to one run of one graph; each index has a place of its own.

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

// Where a pixel of the result lies between two of the image.
struct Between {
  int64_t lower, upper;
  float lerp;
};

std::vector<Between> Places(int64_t to, int64_t from, int64_t step) {
  std::vector<Between> places(to);
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int64_t i = 0; i < to; i++) {
    const float exact = (static_cast<float>(i) + 0.5f) * scale - 0.5f;
    const float floor = std::floor(exact);
    places[i].lower = std::max(static_cast<int64_t>(floor), int64_t{0}) * step;
    places[i].upper = std::min(static_cast<int64_t>(std::ceil(exact)), from - 1) * step;
    places[i].lerp = exact - floor;
  }
  return places;
}

inline float Lerp(float from, float to, float lerp) { return from + (to - from) * lerp; }

inline void Store(float value, float* to) { *to = value; }
inline void Store(float value, uint8_t* to) { *to = static_cast<uint8_t>(std::nearbyint(value)); }

// Four channels, or three and a neighbour's first: the caller sees to it that there is one.
#define CONVNETS_AVX __attribute__((target("avx")))
CONVNETS_AVX inline __m128 Load(const uint8_t* from) {
  int32_t bytes;
  std::memcpy(&bytes, from, 4);
  return _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes)));
}
CONVNETS_AVX inline __m128 Lerp(__m128 from, __m128 to, __m128 lerp) {
  return _mm_add_ps(from, _mm_mul_ps(_mm_sub_ps(to, from), lerp));
}
CONVNETS_AVX inline void Store(__m128 value, float* to) { _mm_storeu_ps(to, value); }
CONVNETS_AVX inline void Store(__m128 value, uint8_t* to) {
  const __m128i words = _mm_packs_epi32(_mm_cvtps_epi32(value), _mm_setzero_si128());
  const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
  std::memcpy(to, &bytes, 4);
}

template <typename T>
struct Row {
  const uint8_t *top, *bottom;
  float lerp;
  T* to;
};

// The first `count` pixels, four lanes at a time.
template <typename T>
CONVNETS_AVX void Fast(const Row<T>& row, const Between* columns, int64_t count, int channels) {
  const __m128 down = _mm_set1_ps(row.lerp);
  for (int64_t x = 0; x < count; x++) {
    const auto [lower, upper, lerp] = columns[x];
    const __m128 right = _mm_set1_ps(lerp);
    const __m128 top = Lerp(Load(row.top + lower), Load(row.top + upper), right);
    const __m128 bottom = Lerp(Load(row.bottom + lower), Load(row.bottom + upper), right);
    Store(Lerp(top, bottom, down), row.to + x * channels);
  }
}

template <typename T>
void Careful(const Row<T>& row, const Between& column, int64_t x, int channels) {
  const auto [lower, upper, right] = column;
  for (int c = 0; c < channels; c++) {
    const float top = Lerp(row.top[lower + c], row.top[upper + c], right);
    const float bottom = Lerp(row.bottom[lower + c], row.bottom[upper + c], right);
    Store(Lerp(top, bottom, row.lerp), row.to + x * channels + c);
  }
}

template <typename T>
void Resize(const uint8_t* image, int64_t from_height, int64_t from_width, T* to, int64_t height, int64_t width,
            int channels) {
  const std::vector<Between> rows = Places(height, from_height, from_width * channels);
  const std::vector<Between> columns = Places(width, from_width, channels);
  // A load of four bytes must not leave the image, a store of four values not the picture's place.
  int64_t fast = 0;
  if (channels >= 3) {
    const int64_t last = (from_width - 1) * channels;
    while (fast < width - 1 && columns[fast].upper < last) fast++;
  }
  for (int64_t y = 0; y < height; y++) {
    const Row<T> row{image + rows[y].lower, image + rows[y].upper, rows[y].lerp, to + y * width * channels};
    Fast(row, columns.data(), fast, channels);
    for (int64_t x = fast; x < width; x++) Careful(row, columns[x], x, channels);
  }
}

void* Create(TF_OpKernelConstruction* construction) {
  auto* index = new int32_t(0);
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrInt32(construction, "index", index, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return index;
}

void Compute(void* kernel, TF_OpKernelContext* context) {
  const int32_t index = *static_cast<int32_t*>(kernel);
  TF_Status* status = TF_NewStatus();
  TF_Tensor *batch = nullptr, *image = nullptr;
  TF_GetInput(context, 0, &batch, status);
  if (TF_GetCode(status) == TF_OK) TF_GetInput(context, 1, &image, status);
  if (TF_GetCode(status) == TF_OK) {
    const bool fits = TF_NumDims(batch) == 4 && TF_NumDims(image) == 3 && index >= 0 && index < TF_Dim(batch, 0) &&
                      TF_Dim(batch, 3) == TF_Dim(image, 2) && TF_TensorElementCount(image) > 0;
    if (!fits) TF_SetStatus(status, TF_INVALID_ARGUMENT, "the image does not fit into the batch");
  }
  if (TF_GetCode(status) == TF_OK) {
    const int64_t height = TF_Dim(batch, 1), width = TF_Dim(batch, 2), channels = TF_Dim(batch, 3);
    const int64_t place = index * height * width * channels;
    const auto* pixels = static_cast<const uint8_t*>(TF_TensorData(image));
    const auto resize = [&](auto* values) {
      Resize(pixels, TF_Dim(image, 0), TF_Dim(image, 1), values + place, height, width, static_cast<int>(channels));
    };
    if (TF_TensorType(batch) == TF_FLOAT) {
      resize(static_cast<float*>(TF_TensorData(batch)));
    } else {
      resize(static_cast<uint8_t*>(TF_TensorData(batch)));
    }
  } else {
    TF_OpKernelContext_Failure(context, status);
  }
  if (image != nullptr) TF_DeleteTensor(image);
  if (batch != nullptr) TF_DeleteTensor(batch);
  TF_DeleteStatus(status);
}

void Delete(void* kernel) { delete static_cast<int32_t*>(kernel); }

}  // namespace

void RegisterResize() {
  constexpr char kOp[] = "ConvnetsResizeInto";
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(kOp);
  TF_OpDefinitionBuilderAddAttr(op, "T: {float, uint8}");
  TF_OpDefinitionBuilderAddAttr(op, "index: int");
  TF_OpDefinitionBuilderAddInput(op, "batch: T");
  TF_OpDefinitionBuilderAddInput(op, "image: uint8");
  TF_OpDefinitionBuilderSetIsStateful(op, true);  // it has an effect and no result
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, [](TF_ShapeInferenceContext*, TF_Status*) {});
  TF_RegisterOpDefinition(op, status);
  // Found again when a second copy of this file is loaded into the same process: the first one serves both.
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(kOp, TF_NewKernelBuilder(kOp, "CPU", Create, Compute, Delete), status);
  }
  TF_DeleteStatus(status);
}
