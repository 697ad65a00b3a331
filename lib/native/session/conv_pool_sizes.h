// The sizes that the kernels of conv_pool.cc are given.

#pragma once

#include <cstdint>

struct Sizes {
  int64_t images, height, width, channels, filters;
  int64_t Row() const { return width * channels; }
  int64_t Image() const { return height * Row(); }
  int64_t PooledHeight() const { return (height - 2) / 2; }
  int64_t PooledWidth() const { return (width - 2) / 2; }
  int64_t PooledRow() const { return PooledWidth() * filters; }
  int64_t Pooled() const { return PooledHeight() * PooledRow(); }
};
