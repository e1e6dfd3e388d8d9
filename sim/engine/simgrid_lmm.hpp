#pragma once
// SimGrid's max-min solver. The library exports it, its headers do not declare it; these are the
// signatures of 3.32 to 4.1, for opaque use. CMake checks that they link. Internal to sim/engine.
#include <cstddef>
#include <string_view>

namespace simgrid::kernel::resource {
class Action;
class Resource;
}  // namespace simgrid::kernel::resource

namespace simgrid::kernel::lmm {

class Constraint;
class Variable;

/// Max-min fair sharing by progressive filling, solved again only where something changed.
/// Source: Bertsekas and Gallager, "Data Networks", 2nd ed., 1992, section 6.5.2; Casanova et al.,
/// "Versatile, scalable, and accurate simulation of distributed applications and platforms", JPDC
/// 74(10), 2014.
class System {
 public:
  static System* build(std::string_view solver_name, bool selective_update);
  Constraint* constraint_new(resource::Resource* id, double bound_value);
  Variable* variable_new(resource::Action* id, double sharing_penalty, double bound,
                         std::size_t number_of_constraints);
  void expand(Constraint* constraint, Variable* variable, double consumption_weight,
              bool force_creation);
  void variable_free(Variable* variable);
  void solve();
};

}  // namespace simgrid::kernel::lmm
