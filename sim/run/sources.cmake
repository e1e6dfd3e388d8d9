# Whole training runs: failures, checkpoints, goodput, energy and money.
find_package(Threads REQUIRED)
target_sources(sim PRIVATE
  power/timeline_power.cpp power/trace.cpp
  run/checkpoint.cpp run/cost.cpp run/energy.cpp run/goodput_closed_form.cpp run/goodput_monte_carlo.cpp run/reliability.cpp run/run_model.cpp
  queue/cluster_queue.cpp queue/job_streams.cpp queue/node_pool.cpp rollout/post_training.cpp)
target_sources(sim PUBLIC FILE_SET HEADERS FILES
  memory/state_bytes.hpp power/timeline_power.hpp power/trace.hpp run/checkpoint.hpp run/cost.hpp run/counter_random.hpp run/energy.hpp run/goodput_closed_form.hpp run/goodput_monte_carlo.hpp run/quantities.hpp run/reliability.hpp
  run/run_model.hpp queue/cluster_queue.hpp queue/job_streams.hpp queue/node_pool.hpp rollout/post_training.hpp)
target_link_libraries(sim PRIVATE Threads::Threads)
