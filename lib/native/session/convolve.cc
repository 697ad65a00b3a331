// Kernels of our own for convolutions by filters that stay as they are while a graph runs, as where a model predicts.
//
//   ConvnetsPackFilter(filter: float [.., f], bias: float [f]) -> float: what the next one takes
//   ConvnetsConvolve(images: float [n, h, w, c], packed: float; filter_shape [kh, kw, c, f], …) -> float [n, oh, ow, f]
//   ConvnetsConvolveDepthwise(images: float [n, h, w, c], filter: float [kh, kw, c, 1], bias: float [c]; …)
//     -> float [n, oh, ow, c]
//
//   strides:      [vertical, horizontal]
//   pads:         rows and columns of zeros [top, bottom, left, right]; with `same` as many as TensorFlow's SAME has
//   least, most:  the activation: what is less or more becomes these
//
// oneDNN's on AVX2 put filters in order anew at each run, add biases and activate in passes of their own for one example
// (lib/graph/passes/oneExample.ts), and divide one picture badly among threads. For processors with AVX2
// (`hasConvolve` in lib/engine/describe.ts says which); convolve.h has the arithmetic.

#include "convolve.h"

#include <memory>

#include "kernel.h"

namespace {

// What a kernel's attributes say.
struct Attributes {
  int64_t filter_shape[4] = {0, 0, 0, 0}, strides[2] = {1, 1}, pads[4] = {0, 0, 0, 0};
  unsigned char same = 0;
  float least = 0, most = 0;
};

void* Create(TF_OpKernelConstruction* construction) {
  auto made = std::make_unique<Attributes>();
  TF_Status* status = TF_NewStatus();
  const auto list = [&](const char* name, int64_t* values, int count) {
    int32_t given = 0, bytes = 0;
    TF_OpKernelConstruction_GetAttrSize(construction, name, &given, &bytes, status);
    if (TF_GetCode(status) != TF_OK) return;
    if (given != count) return TF_SetStatus(status, TF_INVALID_ARGUMENT, "a list has another number of values");
    TF_OpKernelConstruction_GetAttrInt64List(construction, name, values, count, status);
  };
  list("filter_shape", made->filter_shape, 4);
  if (TF_GetCode(status) == TF_OK) list("strides", made->strides, 2);
  if (TF_GetCode(status) == TF_OK) list("pads", made->pads, 4);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrBool(construction, "same", &made->same, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrFloat(construction, "least", &made->least, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrFloat(construction, "most", &made->most, status);
  if (TF_GetCode(status) == TF_OK && (made->strides[0] < 1 || made->strides[1] < 1)) {
    TF_SetStatus(status, TF_INVALID_ARGUMENT, "strides must be at least 1");
  }
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return made.release();
}

void Delete(void* made) { delete static_cast<Attributes*>(made); }

// How many places a filter has along one side, and what of the padding comes first.
struct Side {
  int64_t count, first;
};

Side SideOf(int64_t size, int64_t filter, int64_t stride, bool is_same, int64_t before, int64_t after) {
  if (!is_same) return {std::max<int64_t>(0, size + before + after - filter + stride) / stride, before};
  const int64_t count = (size + stride - 1) / stride;
  return {count, std::max<int64_t>(0, (count - 1) * stride + filter - size) / 2};
}

// Refuses what doesn't fit.
Convolution ConvolutionOf(Call& call, const Attributes& given) {
  TF_Tensor* images = call.Input(0);
  const auto& [height, width, channels, filters] = given.filter_shape;
  const bool fits = TF_NumDims(images) == 4 && TF_Dim(images, 3) == channels && height > 0 && width > 0 && channels > 0;
  if (!fits) {
    call.Refuse("images must have the channels of the filter");
    return {};
  }
  Convolution of{TF_Dim(images, 0), TF_Dim(images, 1), TF_Dim(images, 2), channels, height, width, filters};
  const auto& [top, bottom, left, right] = given.pads;
  const Side rows = SideOf(of.height, height, given.strides[0], given.same, top, bottom);
  const Side columns = SideOf(of.width, width, given.strides[1], given.same, left, right);
  of.stride_y = given.strides[0];
  of.stride_x = given.strides[1];
  of.top = rows.first;
  of.left = columns.first;
  of.out_height = rows.count;
  of.out_width = columns.count;
  of.least = given.least;
  of.most = given.most;
  return of;
}

float* AllocateResult(Call& call, const Convolution& of) {
  return call.Allocate<float>(0, TF_FLOAT, {of.images, of.out_height, of.out_width, of.filters});
}

void ComputePack(void*, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  TF_Tensor *filter = call.Input(0), *bias = call.Input(1);
  const int64_t filters = TF_TensorElementCount(bias), values = TF_TensorElementCount(filter);
  if (filters < 1 || values % filters != 0) return call.Refuse("the filter must have a bias for each channel");
  const int64_t depth = values / filters, panels = (filters + 15) / 16;
  float* packed = call.Allocate<float>(0, TF_FLOAT, {panels * 16 * (1 + depth)});
  if (packed != nullptr) PackFilter(call.Values<float>(0), call.Values<float>(1), depth, filters, packed);
}

void ComputeConvolve(void* made, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  const Convolution of = ConvolutionOf(call, *static_cast<Attributes*>(made));
  if (call.Good() && TF_TensorElementCount(call.Input(1)) != of.Panels() * of.PanelSize()) {
    call.Refuse("the filter was put in order for another shape");
  }
  float* result = call.Good() ? AllocateResult(call, of) : nullptr;
  if (result != nullptr && of.Pixels() > 0) Convolve(call.Values<float>(0), call.Values<float>(1), of, result);
}

void ComputeDepthwise(void* made, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  const Convolution of = ConvolutionOf(call, *static_cast<Attributes*>(made));
  const bool fits = of.filters == of.channels && of.channels % 8 == 0 &&
                    TF_TensorElementCount(call.Input(1)) == of.Depth() &&
                    TF_TensorElementCount(call.Input(2)) == of.channels;
  if (call.Good() && !fits) call.Refuse("the filter must have one for each channel, and those come in eights");
  float* result = call.Good() ? AllocateResult(call, of) : nullptr;
  if (result == nullptr || of.Pixels() == 0) return;
  ConvolveDepthwise(call.Values<float>(0), call.Values<float>(1), call.Values<float>(2), of, result);
}

}  // namespace

void RegisterConvolve() {
  const std::vector<const char*> attributes{"filter_shape: list(int)", "strides: list(int)", "pads: list(int)",
                                            "same: bool", "least: float", "most: float"};
  RegisterKernel({"ConvnetsPackFilter", {"filter: float", "bias: float"}, {"packed: float"}, ComputePack});
  RegisterKernel({"ConvnetsConvolve",
                  {"images: float", "packed: float"},
                  {"convolved: float"},
                  ComputeConvolve,
                  attributes,
                  Create,
                  Delete});
  RegisterKernel({"ConvnetsConvolveDepthwise",
                  {"images: float", "filter: float", "bias: float"},
                  {"convolved: float"},
                  ComputeDepthwise,
                  attributes,
                  Create,
                  Delete});
}
