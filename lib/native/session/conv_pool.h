// Convolution, bias and 2×2 pooling of images, and the gradient of the filter, row of windows by row of windows.
//
// What computes a row is a parameter: `Avx512` or `Avx2`. The images are dealt out to as many threads as there are
// processors, always in the same way, so sums come out the same in each run.

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "conv_pool_sizes.h"
#include "deal_out.h"

template <typename Isa, int C>
void ConvPoolImages(const float* images, const float* filter, const float* bias, const Sizes& sizes, float* pooled,
                    uint8_t* places) {
  DealOut(sizes.images, ThreadsFor(sizes.images), [&](int64_t first, int64_t last, int64_t) {
    for (int64_t row = first * sizes.PooledHeight(); row < last * sizes.PooledHeight(); row++) {
      const int64_t image = row / sizes.PooledHeight(), y = row % sizes.PooledHeight();
      const float* from = images + image * sizes.Image() + 2 * y * sizes.Row();
      const int64_t to = row * sizes.PooledRow();
      Isa::template Forward<C>(from, filter, bias, sizes, pooled + to, places + to);
    }
  });
}

template <typename Isa, int C>
void GradImages(const float* images, const uint8_t* places, const float* gradient, const Sizes& sizes, float* sums) {
  const int64_t threads = ThreadsFor(sizes.images), count = 9 * C * sizes.filters;
  std::vector<float> parts(threads * count);
  DealOut(sizes.images, threads, [&](int64_t first, int64_t last, int64_t thread) {
    float* part = parts.data() + thread * count;
    std::vector<float> scratch;
    for (int64_t row = first * sizes.PooledHeight(); row < last * sizes.PooledHeight(); row++) {
      const int64_t image = row / sizes.PooledHeight(), y = row % sizes.PooledHeight();
      const float* from = images + image * sizes.Image() + 2 * y * sizes.Row();
      const int64_t at = row * sizes.PooledRow();
      Isa::template Backward<C>(from, places + at, gradient + at, sizes, scratch, part);
    }
  });
  std::fill(sums, sums + count, 0.0f);
  for (int64_t thread = 0; thread < threads; thread++) {
    for (int64_t i = 0; i < count; i++) sums[i] += parts[thread * count + i];
  }
}
