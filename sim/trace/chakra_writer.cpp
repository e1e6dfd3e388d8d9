#include <algorithm>
#include <cmath>
#include <ostream>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include "sim/trace/chakra.hpp"
#include "sim/trace/chakra.pb.h"
#include "sim/trace/process_groups.hpp"

namespace sim {

namespace {

namespace pb = gpuplan::chakra;

pb::Attribute& attribute(pb::Operation& to, const char* name) {
  pb::Attribute& a = *to.add_attributes();
  a.set_name(name);
  return a;
}

void add_count(pb::Operation& to, const char* name, double value) {
  if (value > 0.0) {
    attribute(to, name).set_whole64(std::llround(value));
  }
}

int kind(TraceWork work) {
  switch (work) {
    case TraceWork::Metadata:
      return 1;
    case TraceWork::Memory:
      return 2;
    case TraceWork::Compute:
      return 4;
    case TraceWork::Send:
      return 5;
    case TraceWork::Receive:
      return 6;
    case TraceWork::Collective:
      break;
  }
  return 7;
}

void add_communication(pb::Operation& to, const ExecutionTrace& trace, const TraceNode& n) {
  if (n.work == TraceWork::Collective) {
    attribute(to, "comm_type").set_whole64(static_cast<std::int64_t>(n.op));
    attribute(to, "pg_name").set_text(trace.groups()[n.group].name);
  } else {
    attribute(to, n.work == TraceWork::Send ? "comm_dst" : "comm_src").set_whole32(n.peer);
    attribute(to, "comm_tag").set_whole64(n.tag);
  }
  attribute(to, "comm_size").set_whole64(std::llround(n.size.base()));
}

pb::Operation operation_of(const ExecutionTrace& trace, NodeIndex i) {
  const TraceNode& n = trace.node(i);
  pb::Operation o;
  o.set_id(n.id);
  o.set_name(std::string(trace.node_name(i)));
  o.set_kind(kind(n.work));
  for (const NodeIndex on : trace.dependencies(i)) {
    o.add_data_dependencies(trace.node(on).id);
  }
  const double duration_us = n.duration.in(units::microseconds(1));
  o.set_duration_us(duration_us > 0.0 ? std::max<std::uint64_t>(1, static_cast<std::uint64_t>(
                                                                       std::llround(duration_us)))
                                      : 0);
  if (n.work == TraceWork::Metadata) {
    return o;
  }
  attribute(o, "is_cpu_op").set_truth(n.on_cpu);
  add_count(o, "num_ops", n.operations.base());
  add_count(o, "tensor_size", n.traffic.base());
  if (n.sequence != kNone) {
    add_communication(o, trace, n);
  }
  return o;
}

}  // namespace

void write_chakra(const ExecutionTrace& trace, std::ostream& out) {
  google::protobuf::io::OstreamOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  const auto write = [&](const google::protobuf::Message& message) {
    coded.WriteVarint64(message.ByteSizeLong());
    message.SerializeToCodedStream(&coded);
  };
  pb::Header header;
  header.set_version(trace.version());
  write(header);
  bool groups_written = false;
  for (NodeIndex i = 0; i < trace.size(); ++i) {
    pb::Operation o = operation_of(trace, i);
    if (o.kind() == 1 && !groups_written) {
      const std::string groups = groups_as_json(trace.groups());
      groups_written = true;
      if (!groups.empty()) {
        o.mutable_inputs()->set_values(groups);
      }
    }
    write(o);
  }
}

}  // namespace sim
