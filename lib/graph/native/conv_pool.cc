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
// For c of 1 or 3, f a multiple of 16, and processors with AVX-512 (`hasConvPool` in lib/engine/describe.ts says
// which); conv_pool.h has the arithmetic.

#include <cstdint>
#include <vector>

#include "conv_pool.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

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

}  // namespace

void RegisterConvPool() {
  Register("ConvnetsConvPool", {"images: float", "filter: float", "bias: float"}, {"pooled: float", "places: uint8"},
           ComputeConvPool);
  Register("ConvnetsConvPoolGrad", {"images: float", "places: uint8", "gradient: float"}, {"filter: float"},
           ComputeGrad);
}
