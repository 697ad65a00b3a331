// What the kernels of our own share that compute tensors from tensors, on a CPU.

#pragma once

#include <cstdint>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

// One run of a kernel: its inputs, its outputs, and what it refuses.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context)
      : context_(context),
        status_(TF_NewStatus()),
        inputs_(TF_NumInputs(context), nullptr),
        outputs_(TF_NumOutputs(context), nullptr) {
    for (size_t i = 0; i < inputs_.size() && Good(); i++) TF_GetInput(context, i, &inputs_[i], status_);
  }
  Call(const Call&) = delete;
  ~Call() {
    if (!Good()) TF_OpKernelContext_Failure(context_, status_);
    for (const std::vector<TF_Tensor*>* tensors : {&inputs_, &outputs_}) {
      for (TF_Tensor* tensor : *tensors) {
        if (tensor != nullptr) TF_DeleteTensor(tensor);
      }
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
    for (const int64_t size : shape) {
      if (size >= 0 && !__builtin_mul_overflow(bytes, static_cast<size_t>(size), &bytes)) continue;
      Refuse("no tensor is so large");
      return nullptr;
    }
    outputs_[i] = TF_AllocateOutput(context_, i, type, shape.data(), static_cast<int>(shape.size()), bytes, status_);
    return Good() ? static_cast<T*>(TF_TensorData(outputs_[i])) : nullptr;
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_, outputs_;
};

// An op and its kernel; inputs, outputs and attributes as "name: type". Its shapes are known when it has run.
struct Kernel {
  const char* name;
  std::vector<const char*> inputs, outputs;
  void (*compute)(void* made, TF_OpKernelContext*);
  std::vector<const char*> attributes = {};
  // What it makes of its attributes, once for all runs, and what frees that.
  void* (*create)(TF_OpKernelConstruction*) = nullptr;
  void (*free)(void* made) = nullptr;
};

inline void RegisterKernel(const Kernel& kernel) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(kernel.name);
  for (const char* attribute : kernel.attributes) TF_OpDefinitionBuilderAddAttr(op, attribute);
  for (const char* input : kernel.inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : kernel.outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(
        kernel.name, TF_NewKernelBuilder(kernel.name, "CPU", kernel.create, kernel.compute, kernel.free), status);
  }
  TF_DeleteStatus(status);
}
