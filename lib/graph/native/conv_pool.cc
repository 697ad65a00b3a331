// Two kernels of our own for a network's first layer: convolution, bias and pooling in one, and the filter's gradient.
//
//   ConvnetsConvPool(images: float [n, h, w, c], filter: float [3, 3, c, f], bias: float [f])
//     -> pooled: float [n, (h - 2) / 2, (w - 2) / 2, f], places: uint8 of the same shape
//   ConvnetsConvPoolGrad(images, places, gradient: float like pooled) -> float [3, 3, c, f]
//
// A first convolution has few channels in, many out and the largest picture: 130 MB for a batch of 32 at 180×180.
// TensorFlow writes them, reads them to pool them, and on the way back writes and reads as many gradients, three
// quarters of them zero. Here they stay in registers: only what the 2×2 pooling leaves is written, with the place in
// the window (0 to 3, row by row, the first of equals, as in TensorFlow) that it came from.
//
// For c of 1 or 3, f a multiple of 16, and processors with AVX-512. The pictures are dealt out to as many threads as
// there are processors, always in the same way, so sums come out the same in each run.

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "deal_out.h"
#include "napi_values.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

#define CONVNETS_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

struct Sizes {
  int64_t images, height, width, channels, filters;
  int64_t Row() const { return width * channels; }
  int64_t Image() const { return height * Row(); }
  int64_t PooledHeight() const { return (height - 2) / 2; }
  int64_t PooledWidth() const { return (width - 2) / 2; }
  int64_t PooledRow() const { return PooledWidth() * filters; }
  int64_t Pooled() const { return PooledHeight() * PooledRow(); }
};

// P windows side by side, 16 V filters of each. `images` points to the windows' first pixel.
template <int C, int V, int P>
CONVNETS_AVX512 inline void ConvPool(const float* images, const float* filter, const float* bias, const Sizes& sizes,
                                     float* pooled, uint8_t* places) {
  __m512 sums[2][2 * P][V];
#pragma GCC unroll 4
  for (int v = 0; v < V; v++) {
    const __m512 start = _mm512_loadu_ps(bias + 16 * v);
#pragma GCC unroll 4
    for (int x = 0; x < 2 * P; x++) sums[0][x][v] = sums[1][x][v] = start;
  }
  for (int i = 0; i < 3; i++) {
    for (int t = 0; t < 3 * C; t++) {
      __m512 weights[V];
#pragma GCC unroll 4
      for (int v = 0; v < V; v++) weights[v] = _mm512_loadu_ps(filter + (i * 3 * C + t) * sizes.filters + 16 * v);
#pragma GCC unroll 2
      for (int y = 0; y < 2; y++) {
        const float* values = images + (y + i) * sizes.Row() + t;
#pragma GCC unroll 4
        for (int x = 0; x < 2 * P; x++) {
          const __m512 value = _mm512_set1_ps(values[x * C]);
#pragma GCC unroll 4
          for (int v = 0; v < V; v++) sums[y][x][v] = _mm512_fmadd_ps(value, weights[v], sums[y][x][v]);
        }
      }
    }
  }
#pragma GCC unroll 2
  for (int p = 0; p < P; p++) {
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) {
      __m512 best = sums[0][2 * p][v];
      __m512i place = _mm512_setzero_si512();
#pragma GCC unroll 3
      for (int other = 1; other < 4; other++) {
        const __m512 sum = sums[other / 2][2 * p + other % 2][v];
        const __mmask16 larger = _mm512_cmp_ps_mask(sum, best, _CMP_GT_OQ);
        best = _mm512_mask_mov_ps(best, larger, sum);
        place = _mm512_mask_mov_epi32(place, larger, _mm512_set1_epi32(other));
      }
      _mm512_storeu_ps(pooled + p * sizes.filters + 16 * v, best);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(places + p * sizes.filters + 16 * v), _mm512_cvtepi32_epi8(place));
    }
  }
}

template <int C, int V>
CONVNETS_AVX512 void ConvPoolRow(const float* images, const float* filter, const float* bias, const Sizes& sizes,
                                 float* pooled, uint8_t* places) {
  const int64_t width = sizes.PooledWidth();
  int64_t x = 0;
  for (; x + 2 <= width; x += 2) {
    ConvPool<C, V, 2>(images + 2 * x * C, filter, bias, sizes, pooled + x * sizes.filters, places + x * sizes.filters);
  }
  if (x < width) {
    ConvPool<C, V, 1>(images + 2 * x * C, filter, bias, sizes, pooled + x * sizes.filters, places + x * sizes.filters);
  }
}

// Adds the gradient of one row of windows to one row of 16 V filters, [3, c, f].
template <int C, int V>
CONVNETS_AVX512 void GradRow(const float* images, const uint8_t* places, const float* gradient, const Sizes& sizes,
                             float* sums) {
  __m512 row[3 * C][V];
#pragma GCC unroll 9
  for (int t = 0; t < 3 * C; t++) {
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) row[t][v] = _mm512_setzero_ps();
  }
  for (int64_t x = 0; x < sizes.PooledWidth(); x++) {
    for (int place = 0; place < 4; place++) {
      const float* values = images + (place / 2) * sizes.Row() + (2 * x + place % 2) * C;
      __m512 from[V];
#pragma GCC unroll 4
      for (int v = 0; v < V; v++) {
        const int64_t at = x * sizes.filters + 16 * v;
        const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(places + at));
        from[v] = _mm512_maskz_loadu_ps(_mm_cmpeq_epi8_mask(here, _mm_set1_epi8(static_cast<char>(place))), gradient + at);
      }
#pragma GCC unroll 9
      for (int t = 0; t < 3 * C; t++) {
        const __m512 value = _mm512_set1_ps(values[t]);
#pragma GCC unroll 4
        for (int v = 0; v < V; v++) row[t][v] = _mm512_fmadd_ps(value, from[v], row[t][v]);
      }
    }
  }
#pragma GCC unroll 9
  for (int t = 0; t < 3 * C; t++) {
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) {
      float* sum = sums + t * sizes.filters + 16 * v;
      _mm512_storeu_ps(sum, _mm512_add_ps(_mm512_loadu_ps(sum), row[t][v]));
    }
  }
}

template <int C>
void ConvPoolImages(const float* images, const float* filter, const float* bias, const Sizes& sizes, float* pooled,
                    uint8_t* places) {
  DealOut(sizes.images, ThreadsFor(sizes.images), [&](int64_t first, int64_t last, int64_t) {
    for (int64_t row = first * sizes.PooledHeight(); row < last * sizes.PooledHeight(); row++) {
      const int64_t image = row / sizes.PooledHeight(), y = row % sizes.PooledHeight();
      const float* from = images + image * sizes.Image() + 2 * y * sizes.Row();
      float* to = pooled + row * sizes.PooledRow();
      uint8_t* place = places + row * sizes.PooledRow();
      int64_t f = 0;
      for (; f + 32 <= sizes.filters; f += 32) ConvPoolRow<C, 2>(from, filter + f, bias + f, sizes, to + f, place + f);
      if (f < sizes.filters) ConvPoolRow<C, 1>(from, filter + f, bias + f, sizes, to + f, place + f);
    }
  });
}

template <int C>
void GradImages(const float* images, const uint8_t* places, const float* gradient, const Sizes& sizes, float* sums) {
  const int64_t threads = ThreadsFor(sizes.images), count = 9 * C * sizes.filters;
  std::vector<float> parts(threads * count);
  DealOut(sizes.images, threads, [&](int64_t first, int64_t last, int64_t thread) {
    float* part = parts.data() + thread * count;
    for (int64_t row = first * sizes.PooledHeight(); row < last * sizes.PooledHeight(); row++) {
      const int64_t image = row / sizes.PooledHeight(), y = row % sizes.PooledHeight();
      const uint8_t* place = places + row * sizes.PooledRow();
      const float* values = gradient + row * sizes.PooledRow();
      for (int i = 0; i < 3; i++) {
        const float* from = images + image * sizes.Image() + (2 * y + i) * sizes.Row();
        float* to = part + i * 3 * C * sizes.filters;
        int64_t f = 0;
        for (; f + 32 <= sizes.filters; f += 32) GradRow<C, 2>(from, place + f, values + f, sizes, to + f);
        if (f < sizes.filters) GradRow<C, 1>(from, place + f, values + f, sizes, to + f);
      }
    }
  });
  std::fill(sums, sums + count, 0.0f);
  for (int64_t thread = 0; thread < threads; thread++) {
    for (int64_t i = 0; i < count; i++) sums[i] += parts[thread * count + i];
  }
}

// The inputs of one call, its sizes, and its failure.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {
    for (int i = 0; i < 3 && Good(); i++) TF_GetInput(context, i, &inputs_[i], status_);
  }
  ~Call() {
    if (!Good()) TF_OpKernelContext_Failure(context_, status_);
    for (TF_Tensor* tensor : {inputs_[0], inputs_[1], inputs_[2], outputs_[0], outputs_[1]}) {
      if (tensor != nullptr) TF_DeleteTensor(tensor);
    }
    TF_DeleteStatus(status_);
  }

  bool Good() const { return TF_GetCode(status_) == TF_OK; }
  void Refuse(const char* why) { TF_SetStatus(status_, TF_INVALID_ARGUMENT, why); }
  TF_Tensor* Input(int i) const { return inputs_[i]; }
  template <typename T>
  const T* Values(int i) const {
    return static_cast<const T*>(TF_TensorData(inputs_[i]));
  }
  template <typename T>
  T* Allocate(int i, TF_DataType type, const std::vector<int64_t>& shape) {
    size_t bytes = sizeof(T);
    for (const int64_t size : shape) bytes *= size;
    outputs_[i] = TF_AllocateOutput(context_, i, type, shape.data(), static_cast<int>(shape.size()), bytes, status_);
    return Good() ? static_cast<T*>(TF_TensorData(outputs_[i])) : nullptr;
  }

  // Of [n, h, w, c] images and f filters; refuses what the kernels don't know.
  Sizes SizesFor(int64_t filters) {
    Sizes sizes{0, 0, 0, 0, filters};
    if (TF_NumDims(inputs_[0]) == 4) {
      sizes = {TF_Dim(inputs_[0], 0), TF_Dim(inputs_[0], 1), TF_Dim(inputs_[0], 2), TF_Dim(inputs_[0], 3), filters};
    }
    const bool fits = (sizes.channels == 1 || sizes.channels == 3) && sizes.height >= 4 && sizes.width >= 4 &&
                      filters > 0 && filters % 16 == 0;
    if (!fits) Refuse("images must have 1 or 3 channels and be 4 by 4 or larger, and filters come in sixteens");
    return sizes;
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  TF_Tensor* inputs_[3] = {nullptr, nullptr, nullptr};
  TF_Tensor* outputs_[2] = {nullptr, nullptr};
};

void ComputeConvPool(void*, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  TF_Tensor *filter = call.Input(1), *bias = call.Input(2);
  const bool isFilter = TF_NumDims(filter) == 4 && TF_NumDims(bias) == 1 && TF_Dim(filter, 3) == TF_Dim(bias, 0) &&
                        TF_Dim(filter, 0) == 3 && TF_Dim(filter, 1) == 3;
  const Sizes sizes = call.SizesFor(isFilter ? TF_Dim(filter, 3) : 0);
  if (call.Good() && TF_Dim(filter, 2) != sizes.channels) call.Refuse("the filter has other channels than the images");
  if (!call.Good()) return;
  const std::vector<int64_t> shape{sizes.images, sizes.PooledHeight(), sizes.PooledWidth(), sizes.filters};
  float* pooled = call.Allocate<float>(0, TF_FLOAT, shape);
  uint8_t* places = call.Good() ? call.Allocate<uint8_t>(1, TF_UINT8, shape) : nullptr;
  if (!call.Good()) return;
  const auto compute = sizes.channels == 1 ? ConvPoolImages<1> : ConvPoolImages<3>;
  compute(call.Values<float>(0), call.Values<float>(1), call.Values<float>(2), sizes, pooled, places);
}

void ComputeGrad(void*, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  TF_Tensor *places = call.Input(1), *gradient = call.Input(2);
  const bool isPooled = TF_NumDims(places) == 4 && TF_NumDims(gradient) == 4;
  const Sizes sizes = call.SizesFor(isPooled ? TF_Dim(gradient, 3) : 0);
  if (!call.Good()) return;
  const int64_t count = sizes.images * sizes.Pooled();
  if (TF_TensorElementCount(places) != count || TF_TensorElementCount(gradient) != count) {
    return call.Refuse("the gradient is of other images");
  }
  float* sums = call.Allocate<float>(0, TF_FLOAT, {3, 3, sizes.channels, sizes.filters});
  if (!call.Good()) return;
  const auto compute = sizes.channels == 1 ? GradImages<1> : GradImages<3>;
  compute(call.Values<float>(0), call.Values<uint8_t>(1), call.Values<float>(2), sizes, sums);
}

void Register(const char* name, const std::vector<const char*>& inputs, const std::vector<const char*>& outputs,
              void (*compute)(void*, TF_OpKernelContext*)) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", nullptr, compute, nullptr), status);
  }
  TF_DeleteStatus(status);
}

napi_value HasConvPool(napi_env env, napi_callback_info) {
  napi_value answer;
  const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl");
  napi_get_boolean(env, has, &answer);
  return answer;
}

}  // namespace

void RegisterConvPool(napi_env env, napi_value exports) {
  Register("ConvnetsConvPool", {"images: float", "filter: float", "bias: float"}, {"pooled: float", "places: uint8"},
           ComputeConvPool);
  Register("ConvnetsConvPoolGrad", {"images: float", "places: uint8", "gradient: float"}, {"filter: float"},
           ComputeGrad);
  AddFunction(env, exports, "hasConvPool", HasConvPool);
}
