#pragma once
// Strongly typed quantities: one double, the dimension carried by the type. A dimensionless result
// (MFU, a ratio of times) is a plain double. GB = 1e9 bytes and GiB = 2^30 bytes, always.
#include <compare>
#include <type_traits>

namespace units {

/// Exponents of the base dimensions that this project needs: s, byte, FLOP, J, USD, m.
template <int T, int B, int F, int E, int M, int L = 0>
struct Dim {};

namespace detail {
template <class A, class B, int Sign>
struct Combine;
template <int T1, int B1, int F1, int E1, int M1, int L1, int T2, int B2, int F2, int E2, int M2,
          int L2, int Sign>
struct Combine<Dim<T1, B1, F1, E1, M1, L1>, Dim<T2, B2, F2, E2, M2, L2>, Sign> {
  using type = Dim<T1 + Sign * T2, B1 + Sign * B2, F1 + Sign * F2, E1 + Sign * E2, M1 + Sign * M2,
                   L1 + Sign * L2>;
};
using None = Dim<0, 0, 0, 0, 0>;
}  // namespace detail

template <class D>
class Quantity {
 public:
  constexpr Quantity() = default;
  static constexpr Quantity from_base(double v) { return Quantity(v); }
  /// The value in units of `unit`: `t.in(microseconds(1))`.
  [[nodiscard]] constexpr double in(Quantity unit) const { return v_ / unit.v_; }
  /// The value in the base unit (s, byte, FLOP, J, USD, m and quotients): for edges only.
  [[nodiscard]] constexpr double base() const { return v_; }

  // clang-tidy 14 takes the 0 that the compiler puts into this for a null pointer.
  constexpr auto operator<=>(const Quantity&) const = default;  // NOLINT(modernize-use-nullptr)
  constexpr Quantity& operator+=(Quantity o) {
    v_ += o.v_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity o) {
    v_ -= o.v_;
    return *this;
  }
  constexpr Quantity& operator*=(double k) {
    v_ *= k;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator-(Quantity a) { return Quantity(-a.v_); }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.v_ * k); }
  friend constexpr Quantity operator*(double k, Quantity a) { return a * k; }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.v_ / k); }

 private:
  explicit constexpr Quantity(double v) : v_(v) {}
  double v_ = 0.0;
};

template <class A, class B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  using D = typename detail::Combine<A, B, 1>::type;
  if constexpr (std::is_same_v<D, detail::None>) {
    return a.base() * b.base();
  } else {
    return Quantity<D>::from_base(a.base() * b.base());
  }
}
template <class A, class B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  using D = typename detail::Combine<A, B, -1>::type;
  if constexpr (std::is_same_v<D, detail::None>) {
    return a.base() / b.base();
  } else {
    return Quantity<D>::from_base(a.base() / b.base());
  }
}

using Seconds = Quantity<Dim<1, 0, 0, 0, 0>>;
using Bytes = Quantity<Dim<0, 1, 0, 0, 0>>;
using Flops = Quantity<Dim<0, 0, 1, 0, 0>>;
using Joules = Quantity<Dim<0, 0, 0, 1, 0>>;
using Usd = Quantity<Dim<0, 0, 0, 0, 1>>;
using Metres = Quantity<Dim<0, 0, 0, 0, 0, 1>>;
using BytesPerSecond = decltype(Bytes{} / Seconds{});
using FlopsPerSecond = decltype(Flops{} / Seconds{});
using Watts = decltype(Joules{} / Seconds{});
using UsdPerSecond = decltype(Usd{} / Seconds{});

constexpr Seconds seconds(double v) {
  return Seconds::from_base(v);
}
constexpr Seconds milliseconds(double v) {
  return Seconds::from_base(v * 1e-3);
}
constexpr Seconds microseconds(double v) {
  return Seconds::from_base(v * 1e-6);
}
constexpr Seconds nanoseconds(double v) {
  return Seconds::from_base(v * 1e-9);
}
constexpr Seconds hours(double v) {
  return Seconds::from_base(v * 3600.0);
}
constexpr Bytes bytes(double v) {
  return Bytes::from_base(v);
}
constexpr Bytes mebibytes(double v) {
  return Bytes::from_base(v * 0x1p20);
}
constexpr Bytes gibibytes(double v) {
  return Bytes::from_base(v * 0x1p30);
}
constexpr Bytes gigabytes(double v) {
  return Bytes::from_base(v * 1e9);
}
constexpr BytesPerSecond bytes_per_second(double v) {
  return BytesPerSecond::from_base(v);
}
constexpr BytesPerSecond gigabytes_per_second(double v) {
  return BytesPerSecond::from_base(v * 1e9);
}
constexpr BytesPerSecond gigabits_per_second(double v) {
  return BytesPerSecond::from_base(v * 1e9 / 8);
}
constexpr Flops flops(double v) {
  return Flops::from_base(v);
}
constexpr FlopsPerSecond flops_per_second(double v) {
  return FlopsPerSecond::from_base(v);
}
constexpr FlopsPerSecond teraflops_per_second(double v) {
  return FlopsPerSecond::from_base(v * 1e12);
}
constexpr Joules joules(double v) {
  return Joules::from_base(v);
}
constexpr Watts watts(double v) {
  return Watts::from_base(v);
}
constexpr Usd usd(double v) {
  return Usd::from_base(v);
}
constexpr Metres metres(double v) {
  return Metres::from_base(v);
}

}  // namespace units
