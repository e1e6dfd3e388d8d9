#include "real_runner/plain_attention.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

namespace real_runner {

namespace {

/// One head of a [tokens, heads * head_dim] matrix.
template <class Vector>
struct HeadOf {
  Vector& data;
  int columns, first, head_dim;
  auto& at(int token, int d) const {
    return data[static_cast<std::size_t>(token) * static_cast<std::size_t>(columns) +
                static_cast<std::size_t>(first + d)];
  }
};
template <class Vector>
HeadOf<Vector> head_of(Vector& data, int heads, int head, int head_dim) {
  return {data, heads * head_dim, head * head_dim, head_dim};
}

template <class A, class B>
double dot(const A& a, int i, const B& b, int j) {
  double sum = 0;
  for (int d = 0; d < a.head_dim; ++d) {
    sum += static_cast<double>(a.at(i, d)) * static_cast<double>(b.at(j, d));
  }
  return sum;
}

}  // namespace

PlainResult plain_attention(const PlainAttention& shape, const std::vector<float>& q,
                            const std::vector<float>& k, const std::vector<float>& v,
                            const std::vector<float>& d_o) {
  const int dim = shape.head_dim;
  const double scale = 1 / std::sqrt(static_cast<double>(dim));
  PlainResult r;
  r.o.assign(q.size(), 0);
  r.d_q.assign(q.size(), 0);
  r.d_k.assign(k.size(), 0);
  r.d_v.assign(v.size(), 0);
  for (int h = 0; h < shape.heads; ++h) {
    const int kv = h / (shape.heads / shape.kv_heads);
    const auto hq = head_of(q, shape.heads, h, dim);
    const auto hk = head_of(k, shape.kv_heads, kv, dim);
    const auto hv = head_of(v, shape.kv_heads, kv, dim);
    const auto hd_o = head_of(d_o, shape.heads, h, dim);
    const auto ho = head_of(r.o, shape.heads, h, dim), hd_q = head_of(r.d_q, shape.heads, h, dim);
    const auto hd_k = head_of(r.d_k, shape.kv_heads, kv, dim);
    const auto hd_v = head_of(r.d_v, shape.kv_heads, kv, dim);
    for (int i = 0; i < shape.tokens; ++i) {
      const int keys = shape.causal ? i + 1 : shape.tokens;
      std::vector<double> p(static_cast<std::size_t>(keys)), d_p(p.size());
      double sum = 0, delta = 0;
      for (int j = 0; j < keys; ++j) {
        p[static_cast<std::size_t>(j)] = std::exp(dot(hq, i, hk, j) * scale);
        sum += p[static_cast<std::size_t>(j)];
      }
      r.lse.push_back(std::log(sum));
      for (int j = 0; j < keys; ++j) {
        const auto at = static_cast<std::size_t>(j);
        p[at] /= sum;
        d_p[at] = dot(hd_o, i, hv, j);
        delta += p[at] * d_p[at];
      }
      for (int j = 0; j < keys; ++j) {
        const auto at = static_cast<std::size_t>(j);
        const double d_s = p[at] * (d_p[at] - delta) * scale;
        for (int d = 0; d < dim; ++d) {
          ho.at(i, d) += p[at] * static_cast<double>(hv.at(j, d));
          hd_q.at(i, d) += d_s * static_cast<double>(hk.at(j, d));
          hd_k.at(j, d) += d_s * static_cast<double>(hq.at(i, d));
          hd_v.at(j, d) += p[at] * static_cast<double>(hd_o.at(i, d));
        }
      }
    }
  }
  return r;
}

double relative_error(const std::vector<double>& expected, const std::vector<float>& actual) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double a = static_cast<double>(actual[i]);
    difference += (a - expected[i]) * (a - expected[i]);
    size += expected[i] * expected[i];
  }
  const double error = std::sqrt(difference / size);
  return std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
}

}  // namespace real_runner
