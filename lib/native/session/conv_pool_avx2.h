// The arithmetic of conv_pool.h for processors with AVX2 and FMA, which have half as many registers, of half the size.
//
// Forward, the same sums in the same order as with AVX-512. Backward, each gradient belongs to one of the four places in
// its window: instead of four products, three of them with zero, the pixel of that place is picked by a permutation.

#pragma once

#include <immintrin.h>

#include <cstdint>
#include <vector>

#include "conv_pool_sizes.h"

#define CONVNETS_AVX2 __attribute__((target("avx2,fma")))

struct Avx2 {
  // One window, 16 filters.
  template <int C>
  CONVNETS_AVX2 static inline void ConvPool(const float* images, const float* filter, const float* bias,
                                            const Sizes& sizes, float* pooled, uint8_t* places) {
    __m256 sums[4][2];
#pragma GCC unroll 4
    for (int place = 0; place < 4; place++) {
      sums[place][0] = _mm256_loadu_ps(bias);
      sums[place][1] = _mm256_loadu_ps(bias + 8);
    }
    for (int i = 0; i < 3; i++) {
      const float* row = images + i * sizes.Row();
#pragma GCC unroll 9
      for (int t = 0; t < 3 * C; t++) {
        const float* weights = filter + (i * 3 * C + t) * sizes.filters;
        const __m256 low = _mm256_loadu_ps(weights), high = _mm256_loadu_ps(weights + 8);
#pragma GCC unroll 4
        for (int place = 0; place < 4; place++) {
          const __m256 value = _mm256_broadcast_ss(row + (place / 2) * sizes.Row() + (place % 2) * C + t);
          sums[place][0] = _mm256_fmadd_ps(value, low, sums[place][0]);
          sums[place][1] = _mm256_fmadd_ps(value, high, sums[place][1]);
        }
      }
    }
    __m256i from[2];
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
      __m256 best = sums[0][v], place = _mm256_setzero_ps();
#pragma GCC unroll 3
      for (int other = 1; other < 4; other++) {
        const __m256 larger = _mm256_cmp_ps(sums[other][v], best, _CMP_GT_OQ);
        best = _mm256_blendv_ps(best, sums[other][v], larger);
        place = _mm256_blendv_ps(place, _mm256_castsi256_ps(_mm256_set1_epi32(other)), larger);
      }
      _mm256_storeu_ps(pooled + 8 * v, best);
      from[v] = _mm256_castps_si256(place);
    }
    // Packing goes by halves of registers: 0-3 8-11 | 4-7 12-15.
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(from[0], from[1]), _MM_SHUFFLE(3, 1, 2, 0));
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(places), bytes);
  }

  // A row of windows, all filters.
  template <int C>
  CONVNETS_AVX2 static void Forward(const float* images, const float* filter, const float* bias, const Sizes& sizes,
                                    float* pooled, uint8_t* places) {
    for (int64_t f = 0; f < sizes.filters; f += 16) {
      for (int64_t x = 0; x < sizes.PooledWidth(); x++) {
        const int64_t at = x * sizes.filters + f;
        ConvPool<C>(images + 2 * x * C, filter + f, bias + f, sizes, pooled + at, places + at);
      }
    }
  }

  static constexpr int kTaps = 9;  // as many sums as there are registers for

  // For nine taps of the filter, from `first` on: of each window the pixels of its four places, [windows, taps, 4].
  template <int C>
  CONVNETS_AVX2 static void Spread(const float* images, int first, const Sizes& sizes, float* pixels) {
    for (int64_t x = 0; x < sizes.PooledWidth(); x++) {
#pragma GCC unroll 9
      for (int tap = 0; tap < kTaps; tap++) {
        const float* top = images + ((first + tap) / (3 * C)) * sizes.Row() + 2 * x * C + (first + tap) % (3 * C);
        const float* bottom = top + sizes.Row();
        __m128 four;
        if constexpr (C == 1) {  // a load of four would leave the row
          four = _mm_loadl_pi(_mm_setzero_ps(), reinterpret_cast<const __m64*>(top));
          four = _mm_loadh_pi(four, reinterpret_cast<const __m64*>(bottom));
        } else {
          four = _mm_shuffle_ps(_mm_loadu_ps(top), _mm_loadu_ps(bottom), _MM_SHUFFLE(C, 0, C, 0));
        }
        _mm_storeu_ps(pixels + (x * kTaps + tap) * 4, four);
      }
    }
  }

  // Adds the gradient of eight filters at nine taps, [taps, f].
  CONVNETS_AVX2 static void AddTaps(const float* pixels, const uint8_t* places, const float* gradient,
                                    const Sizes& sizes, float* sums) {
    __m256 taps[kTaps];
#pragma GCC unroll 9
    for (int tap = 0; tap < kTaps; tap++) taps[tap] = _mm256_setzero_ps();
    for (int64_t x = 0; x < sizes.PooledWidth(); x++) {
      const int64_t at = x * sizes.filters;
      const __m256 from = _mm256_loadu_ps(gradient + at);
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(places + at));
      const __m256i place = _mm256_cvtepu8_epi32(bytes);
#pragma GCC unroll 9
      for (int tap = 0; tap < kTaps; tap++) {
        const __m256 four = _mm256_broadcast_ps(reinterpret_cast<const __m128*>(pixels + (x * kTaps + tap) * 4));
        taps[tap] = _mm256_fmadd_ps(_mm256_permutevar_ps(four, place), from, taps[tap]);
      }
    }
#pragma GCC unroll 9
    for (int tap = 0; tap < kTaps; tap++) {
      float* sum = sums + tap * sizes.filters;
      _mm256_storeu_ps(sum, _mm256_add_ps(_mm256_loadu_ps(sum), taps[tap]));
    }
  }

  // Adds a row of windows' gradient to the whole filter.
  template <int C>
  static void Backward(const float* images, const uint8_t* places, const float* gradient, const Sizes& sizes,
                       std::vector<float>& pixels, float* sums) {
    pixels.resize(sizes.PooledWidth() * kTaps * 4);
    for (int first = 0; first < 9 * C; first += kTaps) {
      Spread<C>(images, first, sizes, pixels.data());
      for (int64_t f = 0; f < sizes.filters; f += 8) {
        AddTaps(pixels.data(), places + f, gradient + f, sizes, sums + first * sizes.filters + f);
      }
    }
  }
};
