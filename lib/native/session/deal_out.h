// Work dealt out to threads, always in the same way, so that sums come out the same in each run.

#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>

#include "threads.h"

inline int64_t ThreadsFor(int64_t parts) {
  return std::max<int64_t>(1, std::min<int64_t>(parts, std::thread::hardware_concurrency()));
}

// Calls work(first, last, part) for equal shares of `count` things, on all threads that are free.
template <typename Work>
void DealOut(int64_t count, int64_t parts, const Work& work) {
  Threads::All().Run(parts, [&](int64_t i) { work(count * i / parts, count * (i + 1) / parts, i); });
}
