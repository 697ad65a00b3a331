// The arithmetic of conv_pool.h for processors with AVX-512, sixteen filters at a time.

#pragma once

#include <immintrin.h>

#include <cstdint>
#include <vector>

#include "conv_pool_sizes.h"

#define CONVNETS_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

struct Avx512 {
  // P windows side by side, 16 V filters of each. `images` points to the windows' first pixel.
  template <int C, int V, int P>
  CONVNETS_AVX512 static inline void ConvPool(const float* images, const float* filter, const float* bias, const Sizes& sizes,
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
  CONVNETS_AVX512 static void ConvPoolRow(const float* images, const float* filter, const float* bias, const Sizes& sizes,
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
  CONVNETS_AVX512 static void GradRow(const float* images, const uint8_t* places, const float* gradient, const Sizes& sizes,
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

  // A row of windows, all filters.
  template <int C>
  static void Forward(const float* images, const float* filter, const float* bias, const Sizes& sizes, float* pooled,
                      uint8_t* places) {
    int64_t f = 0;
    for (; f + 32 <= sizes.filters; f += 32) {
      ConvPoolRow<C, 2>(images, filter + f, bias + f, sizes, pooled + f, places + f);
    }
    if (f < sizes.filters) ConvPoolRow<C, 1>(images, filter + f, bias + f, sizes, pooled + f, places + f);
  }

  // Adds a row of windows' gradient to the whole filter.
  template <int C>
  static void Backward(const float* images, const uint8_t* places, const float* gradient, const Sizes& sizes,
                       std::vector<float>&, float* sums) {
    for (int i = 0; i < 3; i++) {
      const float* from = images + i * sizes.Row();
      float* to = sums + i * 3 * C * sizes.filters;
      int64_t f = 0;
      for (; f + 32 <= sizes.filters; f += 32) GradRow<C, 2>(from, places + f, gradient + f, sizes, to + f);
      if (f < sizes.filters) GradRow<C, 1>(from, places + f, gradient + f, sizes, to + f);
    }
  }
};
