// Two kernels of our own for a network's first layer: convolution, bias and pooling in one, and the filter's gradient.
//
//   ConvnetsConvPool…(images: float [n, h, w, c], filter: float [3, 3, c, f], bias: float [f])
//     -> pooled: float [n, (h - 2) / 2, (w - 2) / 2, f], places: uint8 of the same shape
//   ConvnetsConvPoolGrad…(images, places, gradient: float like pooled) -> float [3, 3, c, f]
//
// A first convolution has few channels in, many out and the largest picture: 130 MB for a batch of 32 at 180×180.
// TensorFlow writes them, reads them to pool them, and on the way back writes and reads as many gradients, three
// quarters of them zero. Here they stay in registers: only what the 2×2 pooling leaves is written, with the place in
// the window (0 to 3, row by row, the first of equals, as in TensorFlow) that it came from.
//
// For c of 1 or 3 and f a multiple of 16. Each is there twice, its name ending in what the processor must have: Avx512
// or Avx2 (`vectorKernels` in lib/native/processor.ts says which it has).

#include <cstdint>
#include <vector>

#include "conv_pool.h"
#include "conv_pool_avx2.h"
#include "conv_pool_avx512.h"
#include "kernel.h"

namespace {

// Of [n, h, w, c] images and f filters; refuses what the kernels don't know.
Sizes SizesFor(Call& call, int64_t filters) {
  TF_Tensor* images = call.Input(0);
  Sizes sizes{0, 0, 0, 0, filters};
  if (TF_NumDims(images) == 4) {
    sizes = {TF_Dim(images, 0), TF_Dim(images, 1), TF_Dim(images, 2), TF_Dim(images, 3), filters};
  }
  const bool fits = (sizes.channels == 1 || sizes.channels == 3) && sizes.height >= 4 && sizes.width >= 4 &&
                    filters > 0 && filters % 16 == 0;
  if (!fits) call.Refuse("images must have 1 or 3 channels and be 4 by 4 or larger, and filters come in sixteens");
  return sizes;
}

template <typename Isa>
void ComputeConvPool(void*, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  TF_Tensor *filter = call.Input(1), *bias = call.Input(2);
  const bool isFilter = TF_NumDims(filter) == 4 && TF_NumDims(bias) == 1 && TF_Dim(filter, 3) == TF_Dim(bias, 0) &&
                        TF_Dim(filter, 0) == 3 && TF_Dim(filter, 1) == 3;
  const Sizes sizes = SizesFor(call, isFilter ? TF_Dim(filter, 3) : 0);
  if (call.Good() && TF_Dim(filter, 2) != sizes.channels) call.Refuse("the filter has other channels than the images");
  if (!call.Good()) return;
  const std::vector<int64_t> shape{sizes.images, sizes.PooledHeight(), sizes.PooledWidth(), sizes.filters};
  float* pooled = call.Allocate<float>(0, TF_FLOAT, shape);
  uint8_t* places = call.Good() ? call.Allocate<uint8_t>(1, TF_UINT8, shape) : nullptr;
  if (!call.Good()) return;
  const auto compute = sizes.channels == 1 ? ConvPoolImages<Isa, 1> : ConvPoolImages<Isa, 3>;
  compute(call.Values<float>(0), call.Values<float>(1), call.Values<float>(2), sizes, pooled, places);
}

template <typename Isa>
void ComputeGrad(void*, TF_OpKernelContext* context) {
  Call call(context);
  if (!call.Good()) return;
  TF_Tensor *places = call.Input(1), *gradient = call.Input(2);
  const bool isPooled = TF_NumDims(places) == 4 && TF_NumDims(gradient) == 4;
  const Sizes sizes = SizesFor(call, isPooled ? TF_Dim(gradient, 3) : 0);
  if (!call.Good()) return;
  const int64_t count = sizes.images * sizes.Pooled();
  if (TF_TensorElementCount(places) != count || TF_TensorElementCount(gradient) != count) {
    return call.Refuse("the gradient is of other images");
  }
  float* sums = call.Allocate<float>(0, TF_FLOAT, {3, 3, sizes.channels, sizes.filters});
  if (!call.Good()) return;
  const auto compute = sizes.channels == 1 ? GradImages<Isa, 1> : GradImages<Isa, 3>;
  compute(call.Values<float>(0), call.Values<uint8_t>(1), call.Values<float>(2), sizes, sums);
}

template <typename Isa>
void Register(const char* forward, const char* backward) {
  RegisterKernel({forward,
                  {"images: float", "filter: float", "bias: float"},
                  {"pooled: float", "places: uint8"},
                  ComputeConvPool<Isa>});
  RegisterKernel({backward, {"images: float", "places: uint8", "gradient: float"}, {"filter: float"}, ComputeGrad<Isa>});
}

}  // namespace

void RegisterConvPool() {
  Register<Avx512>("ConvnetsConvPoolAvx512", "ConvnetsConvPoolGradAvx512");
  Register<Avx2>("ConvnetsConvPoolAvx2", "ConvnetsConvPoolGradAvx2");
}
