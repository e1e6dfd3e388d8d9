#include "gui/simulations.hpp"

#include <algorithm>

#include <QCryptographicHash>

namespace gui {

namespace {

constexpr std::size_t kMostResults = 64;  ///< a flow result holds files of some megabytes

}  // namespace

Simulations::Simulations(const Document& document, const QString& program, QObject* parent)
    : QObject(parent), document_(document) {
  set_up(closed_form_, program);
  set_up(flow_, program);
}

QByteArray Simulations::key_of(const Variant& variant, Fidelity fidelity) const {
  QCryptographicHash hash(QCryptographicHash::Sha1);
  hash.addData(variant.path.toUtf8() + '\0' + variant.text.toUtf8() + '\0' + profile_.toUtf8());
  return hash.result() + (fidelity == Fidelity::Flow ? "flow" : "closed-form");
}

void Simulations::set_profile(const QString& profile) {
  profile_ = profile;
  for (const Variant& variant : document_.variants()) {
    request(variant.id, Fidelity::ClosedForm);
    if (last_flow_.contains(variant.id)) {
      request(variant.id, Fidelity::Flow);
    }
    emit changed(variant.id);
  }
}

void Simulations::set_up(Lane& lane, const QString& program) {
  lane.worker = new Worker(program, this);
  connect(lane.worker, &Worker::finished, this,
          [this, &lane](const Outcome& outcome) { finished(lane, outcome); });
  connect(lane.worker, &Worker::progress, this, &Simulations::progress);
}

void Simulations::request(int id, Fidelity fidelity) {
  const Variant* variant = document_.find(id);
  if (variant == nullptr) {
    return;
  }
  Lane& lane = fidelity == Fidelity::Flow ? flow_ : closed_form_;
  const Queued wanted{
      id, {{variant->path, variant->text, profile_}, fidelity}, key_of(*variant, fidelity)};
  std::erase_if(lane.waiting, [id](const Queued& queued) { return queued.id == id; });
  if (results_.contains(wanted.key)) {
    remember(wanted, results_.value(wanted.key));
    emit changed(id);
    return;
  }
  if (lane.job && lane.job->key == wanted.key) {
    return;
  }
  lane.waiting.push_back(wanted);
  if (lane.job && lane.job->id == id) {
    lane.worker->cancel();  // its answer would be of a text that is gone
  } else if (!lane.job) {
    next(lane);
  }
}

void Simulations::cancel() {
  flow_.waiting.clear();
  closed_form_.waiting.clear();
  flow_.worker->cancel();
  closed_form_.worker->cancel();
}

void Simulations::next(Lane& lane) {
  if (lane.waiting.empty()) {
    emit busy_changed();
    return;
  }
  lane.job = lane.waiting.front();
  lane.waiting.pop_front();
  emit busy_changed();
  lane.worker->start(lane.job->job);
}

void Simulations::finished(Lane& lane, const Outcome& outcome) {
  const Queued done = *lane.job;
  lane.job.reset();
  if (outcome.result) {
    remember(done, outcome.result);
  } else if (!outcome.cancelled) {
    complaints_[done.id] = outcome.complaint;
  }
  next(lane);
  emit changed(done.id);
}

void Simulations::remember(const Queued& of, std::shared_ptr<const Result> result) {
  complaints_.remove(of.id);
  (of.job.fidelity == Fidelity::Flow ? last_flow_ : last_)[of.id] = of.key;
  if (!results_.contains(of.key)) {
    order_.push_back(of.key);
  }
  results_[of.key] = std::move(result);
  if (order_.size() > kMostResults) {
    results_.remove(order_.front());
    order_.pop_front();
  }
}

Shown Simulations::shown(int id) const {
  const Variant* variant = document_.find(id);
  if (variant == nullptr) {
    return {};
  }
  for (const Fidelity fidelity : {Fidelity::Flow, Fidelity::ClosedForm}) {
    if (const auto result = results_.value(key_of(*variant, fidelity))) {
      return {result, false};
    }
  }
  for (const QByteArray& key : {last_.value(id), last_flow_.value(id)}) {
    if (const auto result = results_.value(key)) {
      return {result, true};
    }
  }
  return {};
}

Shown Simulations::shown_flow(int id) const {
  const Variant* variant = document_.find(id);
  if (variant == nullptr) {
    return {};
  }
  if (const auto result = results_.value(key_of(*variant, Fidelity::Flow))) {
    return {result, false};
  }
  return {results_.value(last_flow_.value(id)), true};
}

}  // namespace gui
