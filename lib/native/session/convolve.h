// The arithmetic of convolve.cc: convolutions by filters that were put in order before, for processors with AVX2.
//
// A filter is kept in panels of sixteen channels that it makes: [panel][1 + kh kw c][16], the bias first. A tile is six
// pixels of sixteen channels, twelve registers of sums. Of a block of pixels, each panel sees all tiles while it is in
// the processor's nearest memory.

#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "deal_out.h"

#define CONVNETS_AVX2 __attribute__((target("avx2,fma")))

// What is convolved, and by what.
struct Convolution {
  int64_t images, height, width, channels;                 // [n, h, w, c]
  int64_t filter_height, filter_width, filters;            // [kh, kw, c, f]
  int64_t stride_y, stride_x, top, left;                   // of the padding what comes first
  int64_t out_height, out_width;                           // [n, oh, ow, f]
  float least, most;                                       // the activation: what is less or more becomes these

  int64_t Taps() const { return filter_height * filter_width; }
  int64_t Pixels() const { return images * out_height * out_width; }
  int64_t Depth() const { return Taps() * channels; }
  int64_t Panels() const { return (filters + 15) / 16; }
  int64_t PanelSize() const { return 16 * (1 + Depth()); }
};

constexpr int kTile = 6;  // pixels

// Puts a filter [depth, f] and a bias [f] into panels; what is missing in the last one is 0.
inline void PackFilter(const float* filter, const float* bias, int64_t depth, int64_t filters, float* packed) {
  for (int64_t first = 0; first < filters; first += 16) {
    const int64_t count = std::min<int64_t>(16, filters - first);
    for (int64_t k = -1; k < depth; k++, packed += 16) {
      const float* from = (k < 0 ? bias : filter + k * filters) + first;
      std::memcpy(packed, from, count * sizeof(float));
      std::fill(packed + count, packed + 16, 0.0f);
    }
  }
}

// Where the values of a tile's pixels are: `runs` times `length` values in a row, each time for all pixels.
struct Tile {
  const float* const* values;  // [runs][kTile]
  int64_t runs, length;
  float* to;
  int64_t filters;
};

// P pixels, 8 V channels of which `count` are stored.
template <int P, int V>
CONVNETS_AVX2 inline void ConvolveTile(const Tile& tile, const float* panel, int64_t count, float least, float most) {
  __m256 sums[P][V];
#pragma GCC unroll 2
  for (int v = 0; v < V; v++) {
    const __m256 start = _mm256_loadu_ps(panel + 8 * v);
#pragma GCC unroll 6
    for (int p = 0; p < P; p++) sums[p][v] = start;
  }
  panel += 16;
  for (int64_t run = 0; run < tile.runs; run++) {
    const float* values[P];
#pragma GCC unroll 6
    for (int p = 0; p < P; p++) values[p] = tile.values[run * kTile + p];
    for (int64_t k = 0; k < tile.length; k++, panel += 16) {
      __m256 weights[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) weights[v] = _mm256_loadu_ps(panel + 8 * v);
#pragma GCC unroll 6
      for (int p = 0; p < P; p++) {
        const __m256 value = _mm256_broadcast_ss(values[p] + k);
#pragma GCC unroll 2
        for (int v = 0; v < V; v++) sums[p][v] = _mm256_fmadd_ps(value, weights[v], sums[p][v]);
      }
    }
  }
  const __m256 low = _mm256_set1_ps(least), high = _mm256_set1_ps(most);
#pragma GCC unroll 6
  for (int p = 0; p < P; p++) {
    float* to = tile.to + p * tile.filters;
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) {
      // In this order, what is no number stays none.
      const __m256 sum = _mm256_min_ps(high, _mm256_max_ps(low, sums[p][v]));
      if (count >= 8 * (v + 1)) {
        _mm256_storeu_ps(to + 8 * v, sum);
      } else {
        alignas(32) float rest[8];
        _mm256_store_ps(rest, sum);
        for (int64_t i = 8 * v; i < count; i++) to[i] = rest[i - 8 * v];
      }
    }
  }
}

template <int V>
CONVNETS_AVX2 void ConvolveTiles(const Tile* tiles, int64_t pixels, const float* panel, int64_t first, int64_t count,
                                 const Convolution& of) {
  for (; pixels > 0; pixels -= kTile, tiles++) {
    Tile tile = *tiles;
    tile.to += first;
    switch (std::min<int64_t>(pixels, kTile)) {
      case 6: ConvolveTile<6, V>(tile, panel, count, of.least, of.most); break;
      case 5: ConvolveTile<5, V>(tile, panel, count, of.least, of.most); break;
      case 4: ConvolveTile<4, V>(tile, panel, count, of.least, of.most); break;
      case 3: ConvolveTile<3, V>(tile, panel, count, of.least, of.most); break;
      case 2: ConvolveTile<2, V>(tile, panel, count, of.least, of.most); break;
      default: ConvolveTile<1, V>(tile, panel, count, of.least, of.most);
    }
  }
}

// The window of a pixel of the result: its first row and column, perhaps before the picture's.
struct Window {
  const float* image;
  int64_t y, x;
};

// Where the values of pixels from `first` on are. `zeros` are as many as a run's.
inline void FindTiles(const float* images, const Convolution& of, int64_t first, int64_t pixels, const float* zeros,
                      float* to, std::vector<const float*>* values, std::vector<Tile>* tiles) {
  const int64_t count = (pixels + kTile - 1) / kTile, row = of.width * of.channels;
  values->resize(count * of.Taps() * kTile);
  tiles->resize(count);
  int64_t line = first / of.out_width, x = first % of.out_width, y = line % of.out_height;
  const float* image = images + line / of.out_height * of.height * row;
  const bool is_plain = of.Taps() == 1 && of.stride_y == 1 && of.stride_x == 1 && of.out_height == of.height &&
                        of.out_width == of.width;
  for (int64_t t = 0; t < count; t++) {
    const int64_t start = first + t * kTile, size = std::min<int64_t>(kTile, pixels - t * kTile);
    if (is_plain) {  // a product of matrices
      const float** place = values->data() + t * kTile;
      for (int64_t p = 0; p < size; p++) place[p] = images + (start + p) * of.channels;
      (*tiles)[t] = {place, 1, of.channels, to + start * of.filters, of.filters};
      continue;
    }
    Window windows[kTile];
    bool is_inside = true;
    for (int64_t p = 0; p < size; p++) {
      windows[p] = {image, y * of.stride_y - of.top, x * of.stride_x - of.left};
      is_inside = is_inside && windows[p].x >= 0 && windows[p].x + of.filter_width <= of.width;
      if (++x < of.out_width) continue;
      x = 0;
      if (++y < of.out_height) continue;
      y = 0;
      image += of.height * row;
    }
    // Within a row of the picture, the window's columns follow one another.
    const int64_t steps = is_inside ? 1 : of.filter_width, length = of.filter_width / steps * of.channels;
    const float** place = values->data() + t * of.Taps() * kTile;
    (*tiles)[t] = {place, of.filter_height * steps, length, to + start * of.filters, of.filters};
    for (int64_t i = 0; i < of.filter_height; i++) {
      for (int64_t j = 0; j < steps; j++, place += kTile) {
        for (int64_t p = 0; p < size; p++) {
          const int64_t y = windows[p].y + i, x = windows[p].x + j;
          const bool is_there = y >= 0 && y < of.height && x >= 0 && x < of.width;
          place[p] = is_there ? windows[p].image + y * row + x * of.channels : zeros;
        }
      }
    }
  }
}

inline void Convolve(const float* images, const float* packed, const Convolution& of, float* to) {
  constexpr int64_t kBlock = 8 * kTile;
  const int64_t pixels = of.Pixels(), threads = ThreadsFor(1 << 10);
  // Of few pixels, each thread has some of the panels.
  const int64_t blocks = (pixels + kBlock - 1) / kBlock;
  const int64_t wanted = threads == 1 ? 1 : 4 * threads;
  const int64_t groups = std::max<int64_t>(1, std::min<int64_t>(of.Panels(), (wanted + blocks - 1) / blocks));
  const std::vector<float> zeros(of.filter_width * of.channels);
  Threads::All().Run(blocks * groups, [&](int64_t part) {
    thread_local std::vector<const float*> values;
    thread_local std::vector<Tile> tiles;
    const int64_t block = part / groups, group = part % groups;
    const int64_t first = block * kBlock, count = std::min(kBlock, pixels - first);
    FindTiles(images, of, first, count, zeros.data(), to, &values, &tiles);
    for (int64_t panel = of.Panels() * group / groups; panel < of.Panels() * (group + 1) / groups; panel++) {
      const int64_t channel = 16 * panel, channels = std::min<int64_t>(16, of.filters - channel);
      const float* weights = packed + panel * of.PanelSize();
      if (channels > 8) {
        ConvolveTiles<2>(tiles.data(), count, weights, channel, channels, of);
      } else {
        ConvolveTiles<1>(tiles.data(), count, weights, channel, channels, of);
      }
    }
  });
}

// P pixels side by side, all channels of a filter [kh, kw, c]; rows and columns of it that are seen are from .. to.
template <int P>
CONVNETS_AVX2 inline void ConvolveEach(const float* values, const float* filter, const float* bias,
                                       const Convolution& of, const int64_t (&rows)[2], const int64_t (&columns)[2],
                                       float* to) {
  const __m256 low = _mm256_set1_ps(of.least), high = _mm256_set1_ps(of.most);
  const int64_t step = of.stride_x * of.channels, row = of.width * of.channels;
  const auto all = [&](auto vectors, int64_t channel) CONVNETS_AVX2 {
    constexpr int V = decltype(vectors)::value;
    __m256 sums[P][V];
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) {
      const __m256 start = _mm256_loadu_ps(bias + channel + 8 * v);
#pragma GCC unroll 4
      for (int p = 0; p < P; p++) sums[p][v] = start;
    }
    for (int64_t i = rows[0]; i < rows[1]; i++) {
      for (int64_t j = columns[0]; j < columns[1]; j++) {
        const float* weights = filter + (i * of.filter_width + j) * of.channels + channel;
        const float* from = values + i * row + j * of.channels + channel;
#pragma GCC unroll 2
        for (int v = 0; v < V; v++) {
          const __m256 weight = _mm256_loadu_ps(weights + 8 * v);
#pragma GCC unroll 4
          for (int p = 0; p < P; p++) {
            sums[p][v] = _mm256_fmadd_ps(_mm256_loadu_ps(from + p * step + 8 * v), weight, sums[p][v]);
          }
        }
      }
    }
#pragma GCC unroll 4
    for (int p = 0; p < P; p++) {
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) {
        const __m256 sum = _mm256_min_ps(high, _mm256_max_ps(low, sums[p][v]));
        _mm256_storeu_ps(to + p * of.channels + channel + 8 * v, sum);
      }
    }
  };
  int64_t channel = 0;
  for (; channel + 16 <= of.channels; channel += 16) all(std::integral_constant<int, 2>(), channel);
  if (channel < of.channels) all(std::integral_constant<int, 1>(), channel);
}

// Each channel by a filter of its own; channels come in eights.
inline void ConvolveDepthwise(const float* images, const float* filter, const float* bias, const Convolution& of,
                              float* to) {
  const int64_t row = of.width * of.channels, lines = of.images * of.out_height;
  const int64_t parts = std::min<int64_t>(lines, std::max<int64_t>(lines / 16, 4 * ThreadsFor(1 << 10)));
  // The columns of pixels whose window lies in the picture.
  const int64_t inner = std::min(of.out_width, (of.left + of.stride_x - 1) / of.stride_x);
  const int64_t outer =
      of.width + of.left < of.filter_width
          ? inner
          : std::max(inner, std::min(of.out_width, (of.width + of.left - of.filter_width) / of.stride_x + 1));
  DealOut(lines, parts, [&](int64_t first, int64_t last, int64_t) {
    for (int64_t line = first; line < last; line++) {
      const int64_t image = line / of.out_height, y = (line - image * of.out_height) * of.stride_y - of.top;
      const float* from = images + (image * of.height + y) * row;
      float* out = to + line * of.out_width * of.channels;
      const int64_t rows[2] = {std::max<int64_t>(0, -y), std::min(of.filter_height, of.height - y)};
      const int64_t every[2] = {0, of.filter_width};
      const auto edge = [&](int64_t x) {
        const int64_t start = x * of.stride_x - of.left;
        const int64_t columns[2] = {std::max<int64_t>(0, -start), std::min(of.filter_width, of.width - start)};
        ConvolveEach<1>(from + start * of.channels, filter, bias, of, rows, columns, out + x * of.channels);
      };
      int64_t x = 0;
      for (; x < inner; x++) edge(x);
      for (; x + 4 <= outer; x += 4) {
        ConvolveEach<4>(from + (x * of.stride_x - of.left) * of.channels, filter, bias, of, rows, every,
                        out + x * of.channels);
      }
      for (; x < of.out_width; x++) edge(x);
    }
  });
}
