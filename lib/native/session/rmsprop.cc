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
#include "kernel.h"

namespace {

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
  Call call(context);
  if (!call.Good()) return;
  const int64_t count = TF_TensorElementCount(call.Input(0));
  for (int i = 1; i < 6; i++) {
    if (TF_TensorElementCount(call.Input(i)) != (i < 3 ? count : 1)) {
      return call.Refuse("weight, velocity and gradient must be of one shape, and the rates scalars");
    }
  }
  std::vector<int64_t> shape(TF_NumDims(call.Input(0)));
  for (size_t i = 0; i < shape.size(); i++) shape[i] = TF_Dim(call.Input(0), static_cast<int>(i));
  float* stepped = call.Allocate<float>(0, TF_FLOAT, shape);
  float* moved = call.Good() ? call.Allocate<float>(1, TF_FLOAT, shape) : nullptr;
  if (!call.Good()) return;
  const auto* weight = call.Values<float>(0);
  const auto* velocity = call.Values<float>(1);
  const auto* gradient = call.Values<float>(2);
  const Rates rates{*call.Values<float>(3), *call.Values<float>(4), *call.Values<float>(5)};
  DealOut(count, ThreadsFor(count / kPerThread), [&](int64_t first, int64_t last, int64_t) {
    Step(weight + first, velocity + first, gradient + first, rates, last - first, stepped + first, moved + first);
  });
}

}  // namespace

void RegisterRMSprop() {
  RegisterKernel({"ConvnetsRMSprop",
                  {"weight: float", "velocity: float", "gradient: float", "rate: float", "rho: float", "epsilon: float"},
                  {"stepped: float", "moved: float"},
                  Compute});
}
