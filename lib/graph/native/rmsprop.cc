// A kernel of our own: one step of RMSprop without a momentum.
//
//   ConvnetsRMSprop(weight: float, velocity: float, gradient: float, all of one shape; rate, rho, epsilon: float scalars)
//     -> stepped: float, moved: float
//
//   moved = rho velocity + (1 - rho) gradient²,   stepped = weight - rate gradient / √(moved + epsilon)
//
// TensorFlow's ResourceApplyRMSProp wants a third variable, which it writes even when its momentum is 0, and goes over
// memory three times. This one reads and writes each number once; what it gives is assigned to the variables.

#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "deal_out.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

constexpr const char* kOp = "ConvnetsRMSprop";
constexpr int64_t kPerThread = 1 << 18;  // fewer numbers are done before a second thread has begun

struct Rates {
  float rate, rho, epsilon;
};

// TensorFlow runs on no processor without AVX.
__attribute__((target("avx"))) void Step(const float* weight, const float* velocity, const float* gradient,
                                         const Rates& rates, int64_t count, float* stepped, float* moved) {
  const __m256 rate = _mm256_set1_ps(rates.rate), rho = _mm256_set1_ps(rates.rho);
  const __m256 rest = _mm256_set1_ps(1 - rates.rho), epsilon = _mm256_set1_ps(rates.epsilon);
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 g = _mm256_loadu_ps(gradient + i);
    const __m256 kept = _mm256_mul_ps(_mm256_loadu_ps(velocity + i), rho);
    const __m256 v = _mm256_add_ps(kept, _mm256_mul_ps(_mm256_mul_ps(g, g), rest));
    const __m256 step = _mm256_div_ps(_mm256_mul_ps(g, rate), _mm256_sqrt_ps(_mm256_add_ps(v, epsilon)));
    _mm256_storeu_ps(moved + i, v);
    _mm256_storeu_ps(stepped + i, _mm256_sub_ps(_mm256_loadu_ps(weight + i), step));
  }
  for (; i < count; i++) {
    const float g = gradient[i];
    moved[i] = velocity[i] * rates.rho + g * g * (1 - rates.rho);
    stepped[i] = weight[i] - g * rates.rate / std::sqrt(moved[i] + rates.epsilon);
  }
}

void Compute(void*, TF_OpKernelContext* context) {
  TF_Status* status = TF_NewStatus();
  TF_Tensor* inputs[6] = {};
  TF_Tensor* outputs[2] = {};
  const auto good = [&] { return TF_GetCode(status) == TF_OK; };
  for (int i = 0; i < 6 && good(); i++) TF_GetInput(context, i, &inputs[i], status);
  if (good()) {
    const int64_t count = TF_TensorElementCount(inputs[0]);
    for (int i = 1; i < 6; i++) {
      if (TF_TensorElementCount(inputs[i]) != (i < 3 ? count : 1)) {
        TF_SetStatus(status, TF_INVALID_ARGUMENT, "weight, velocity and gradient must be of one shape");
      }
    }
    std::vector<int64_t> shape(TF_NumDims(inputs[0]));
    for (size_t i = 0; i < shape.size(); i++) shape[i] = TF_Dim(inputs[0], static_cast<int>(i));
    for (int i = 0; i < 2 && good(); i++) {
      outputs[i] = TF_AllocateOutput(context, i, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                     count * sizeof(float), status);
    }
    if (good()) {
      const auto values = [](TF_Tensor* tensor) { return static_cast<float*>(TF_TensorData(tensor)); };
      const Rates rates{*values(inputs[3]), *values(inputs[4]), *values(inputs[5])};
      DealOut(count, ThreadsFor(count / kPerThread), [&](int64_t first, int64_t last, int64_t) {
        Step(values(inputs[0]) + first, values(inputs[1]) + first, values(inputs[2]) + first, rates, last - first,
             values(outputs[0]) + first, values(outputs[1]) + first);
      });
    }
  }
  if (!good()) TF_OpKernelContext_Failure(context, status);
  for (TF_Tensor* tensor : inputs) {
    if (tensor != nullptr) TF_DeleteTensor(tensor);
  }
  for (TF_Tensor* tensor : outputs) {
    if (tensor != nullptr) TF_DeleteTensor(tensor);
  }
  TF_DeleteStatus(status);
}

}  // namespace

void RegisterRMSprop() {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(kOp);
  for (const char* input : {"weight: float", "velocity: float", "gradient: float", "rate: float", "rho: float",
                            "epsilon: float"}) {
    TF_OpDefinitionBuilderAddInput(op, input);
  }
  for (const char* output : {"stepped: float", "moved: float"}) TF_OpDefinitionBuilderAddOutput(op, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(kOp, TF_NewKernelBuilder(kOp, "CPU", nullptr, Compute, nullptr), status);
  }
  TF_DeleteStatus(status);
}
