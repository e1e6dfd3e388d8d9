// The figures of a whole run.
#include <array>

#include "scenarios/figure_table.hpp"

namespace scenarios {

namespace {

constexpr std::string_view kDrawn =
    "P5 and P95 of the drawn courses: the spread that failures make. The band of the step time is "
    "not "
    "in it; see gpuplan simulate --why step_time_s";
constexpr std::string_view kMean = "none: a mean over the drawn courses";
constexpr std::string_view kGiven = "none: as given";
constexpr std::string_view kNoPowerBand =
    "none: no table of measured cluster power stands behind it; a good model of this kind errs by "
    "about 11 % (arXiv 2412.08602)";
constexpr std::string_view kNoPrice = "none: prices are as read on their date";
constexpr std::string_view kRates = "none: rates are as published, failures of one site and time";
constexpr std::string_view kCourse =
    "courses drawn at random (Philox counter generator, SC'11): exponential times between "
    "failures, "
    "detection, diagnosis, swap, restart and roll-back to the last checkpoint";
constexpr std::string_view kCourseInputs =
    "run.tokens run.steps run.phases run.checkpoint run.failures run.recovery run.spares "
    "run.spare_kind run.on_loss run.runs run.seed training.global_batch training.sequence_length "
    "cluster.gpus layout";
constexpr std::string_view kPowerInputs =
    "cluster.gpus cluster.node.accelerators cluster.node.host_power cluster.accelerator.tdp "
    "cluster.accelerator.idle_power cluster.nic.power cluster.switch.power "
    "cluster.storage_network cluster.front_end_network purchase.cooling run.spares";
constexpr std::string_view kOwnerInputs =
    "purchase cluster.gpus run.spares cluster.nic.price cluster.switch.price "
    "run.checkpoint.storage.price_per_tb";
constexpr std::string_view kDaly =
    "Daly, FGCS 22(3), 2006, equation 20, with checkpoints that become "
    "durable later; spares: Erlang's B formula";

constexpr std::array kFigures{
    Figure{"gpus", "accelerators", "1", "Accelerators of the job, without spares.", "as given",
           "the scenario", "cluster.gpus", "", kNothing, kGiven},
    Figure{"steps", "steps", "1", "Optimizer steps of the run.",
           "tokens / (global_batch x sequence_length), rounded up", "definition",
           "run.tokens run.steps run.phases training.global_batch training.sequence_length", "",
           kNothing, kGiven},
    Figure{"tokens", "tokens", "1", "That the run trains on (samples for models of towers).",
           "steps x global_batch x sequence_length", "definition",
           "run.tokens run.steps run.phases training.global_batch training.sequence_length", "",
           kNothing, kGiven},
    Figure{"step_time_s", "step time", "s", "Of the longest phase, by closed form.",
           "see gpuplan simulate --why step_time_s", "closed form of gpuplan simulate",
           "model training layout framework cluster.accelerator", "", kKernels,
           "see gpuplan simulate --why step_time_s"},
    Figure{"work_days", "work", "d", "Days of the run if nothing went wrong and nothing was saved.",
           "sum over phases of steps x step time", "closed form of gpuplan simulate",
           "run.tokens run.steps run.phases training layout", "", kKernels,
           "none of its own: proportional to the step time"},
    Figure{"phases", "phases", "1", "Stretches of the run; units are in the keys.",
           "each as gpuplan simulate of its training, layout and data",
           "closed form of gpuplan simulate", "run.tokens run.steps run.phases training layout", "",
           kKernels, "none of its own: see gpuplan simulate"},
    Figure{"days", "duration", "d", "Mean wall time of the run, from its first step on.", kCourse,
           kDaly, kCourseInputs, "", kKernels, kDrawn},
    Figure{"days_p5", "duration, P5", "d", "5 % of the drawn courses are shorter.",
           "nearest rank of the drawn wall times", kCourse, kCourseInputs, "", kKernels, kDrawn},
    Figure{"days_p50", "duration, median", "d", "Half of the drawn courses are shorter.",
           "nearest rank of the drawn wall times", kCourse, kCourseInputs, "", kKernels, kDrawn},
    Figure{"days_p95", "duration, P95", "d", "95 % of the drawn courses are shorter.",
           "nearest rank of the drawn wall times", kCourse, kCourseInputs, "", kKernels, kDrawn},
    Figure{"finish_p95_days", "finish, P95", "d",
           "From the start of preparing the data to the end in 95 % of the courses.",
           "days_p95 + transfer + writing of synthetic data", "docs/data.md",
           "run.tokens run.phases data run.failures", "", kKernels, kDrawn},
    Figure{"runs", "courses", "1", "Courses that were drawn.", "as given", "the scenario",
           "run.runs", "", kNothing, kGiven},
    Figure{"unfinished", "courses that do not end", "1",
           "Courses given up at 100 times their work.", "counted", kCourse, kCourseInputs, "",
           kNothing, "none: counted"},
    Figure{"seed", "seed", "1", "Of the random courses: the same seed gives the same courses.",
           "as given", "the scenario", "run.seed", "", kNothing, kGiven},
    Figure{"ettr", "effective training time ratio", "share",
           "Work over wall time: what failures and checkpoints leave.", "work / mean wall time",
           "Kokolis et al., arXiv 2410.21680 (the term)", kCourseInputs, "", kNothing,
           "P5 and P95 of the drawn courses"},
    Figure{"ettr_closed_form", "effective time by closed form", "share",
           "The same, in expectation and without drawing.",
           "roll-backs per commit F = (1 - exp(-l P)) / exp(-l (P + d)), F / l of running time per "
           "commit",
           kDaly, kCourseInputs, "", kNothing, "none: an expectation"},
    Figure{"goodput_tokens_per_s", "goodput", "1/s", "Tokens (samples) per second of wall time.",
           "tokens / mean wall time", "definition", kCourseInputs, "", kKernels, kMean},
    Figure{"interruptions", "interruptions", "1",
           "Times that the job stops, the planned ones included.", kCourse, "rates: see failures",
           "run.failures run.tokens run.steps cluster.gpus run.recovery", "", kNothing, kMean},
    Figure{"interruptions_unplanned", "unplanned interruptions", "1",
           "Times that the job stops without notice or plan.", kCourse, "rates: see failures",
           "run.failures run.tokens run.steps cluster.gpus run.recovery", "", kNothing, kMean},
    Figure{"spare_nodes", "spare nodes", "1", "Nodes that stand by.",
           "as given, or as many as keep waiting for nodes below 0.1 % of the time",
           "Erlang's B formula", "run.spares run.spare_kind run.failures", "", kNothing, kGiven},
    Figure{
        "time_s", "where the time goes", "s",
        "Work, checkpoint stalls, work done again, downtime, restarts, waiting for nodes, running "
        "slowly; they add up to the mean wall time.",
        kCourse, kDaly, kCourseInputs, "", kNothing, kMean},
    Figure{"time_closed_form_s", "where the time goes, by closed form", "s",
           "The same in expectation.", "per roll-back D exp(l R) + (exp(l R) - 1) / l", kDaly,
           kCourseInputs, "", kNothing, "none: an expectation"},
    Figure{
        "checkpoint", "checkpoints", "s",
        "Size, how long one holds the job up, and how often to write; units are in the keys.",
        "size: 14 B a trained parameter with bf16 and AdamW; blocking: size / the narrowest of "
        "storage and writers; asynchronous: the copy to host memory; interval: the shortest "
        "expected run; Young: sqrt(2 d M); Daly: sqrt(2 d M) [1 + sqrt(d / 2M) / 3 + (d / 2M) / 9] "
        "- d",
        "ZeRO, arXiv 1910.02054, section 3.1; GEMINI, SOSP 2023; MegaScale, arXiv 2402.15627, "
        "section 4.4; Young, CACM 17(9), 1974; Daly, FGCS 22(3), 2006, equation 37",
        "run.checkpoint run.failures training.precision training.optimizer model "
        "cluster.accelerator.host_bandwidth",
        "", kNothing, "none: bandwidths are as given"},
    Figure{"failures", "failures per day", "1/d", "Of one kind of part, over the whole job.",
           "pieces x rate of one piece a year / 365, of which the job notices a share",
           "published failure counts, in the row; independent parts, rates add up",
           "run.failures cluster.gpus cluster.node.accelerators", "", kNothing, kRates},
    Figure{
        "power_w", "power", "W",
        "Mean of the run of nodes, spares and network (IT equipment), without cooling.",
        "(power of a step x time in work + idle power x time standing still + idle spares) / wall "
        "time",
        "arXiv 2412.08602, arXiv 2506.14551; see gpuplan simulate --why power_w", kPowerInputs, "",
        kNothing, kNoPowerBand},
    Figure{"step_power_w", "power in a step", "W",
           "Mean over one step of nodes and network, without cooling.",
           "see gpuplan simulate --why power_w", "arXiv 2412.08602, arXiv 2506.14551", kPowerInputs,
           "", kNothing, kNoPowerBand},
    Figure{
        "site_power_w", "power that the site provides", "W",
        "IT power by name plates, spares included.",
        "(nodes + spares) x node rating + network at full load; rating: the given one, or the most "
        "that a node draws / 0.82",
        "arXiv 2412.08602: sites are planned by name plates; an HGX H100 draws at most 82 % of it",
        kPowerInputs, "", kNothing, "none: name plates"},
    Figure{"pue", "PUE", "1", "Energy at the meter over that of the IT equipment.", "as given",
           "the catalog's entry of the cooling", "purchase.cooling", "", kNothing, kGiven},
    Figure{"power_trace", "power by phases of a step", "W",
           "Level of the cluster's power in each phase of a step; units are in the keys.",
           "as gpuplan simulate --why power_per_gpu_w, by phase",
           "Choukse et al., arXiv 2508.14318", kPowerInputs, "", kNothing, kNoPowerBand},
    Figure{"power_swing_w", "swing of the power", "W", "Between the phases of a step.",
           "highest - lowest level", "Choukse et al., arXiv 2508.14318", kPowerInputs, "", kNothing,
           kNoPowerBand},
    Figure{"power_ramp_w_per_s", "steepest change of the power", "W/s", "Between two phases.",
           "change / 100 ms, less where a phase is shorter than that",
           "100 ms: averaging window of A100's and H100's meters, arXiv 2312.02741", kPowerInputs,
           "", kNothing, kNoPowerBand},
    Figure{"energy_j", "energy", "J",
           "Of the run at the accelerators, the IT equipment and the meter; of a step and a token.",
           "power of a step x time in work + idle power x the rest; meter = PUE x IT", "definition",
           kPowerInputs, "", kKernels, kNoPowerBand},
    Figure{"carbon_kg", "carbon", "kg", "CO2 equivalent of the electricity.",
           "energy at the meter x carbon intensity of the grid",
           "the catalog's entry of the region", "purchase.region purchase.cooling", "", kNothing,
           "none: a yearly mean of the grid"},
    Figure{"electricity_usd", "electricity", "USD",
           "Of the run; part of what owning costs, or of the rent.",
           "energy at the meter x price of a kWh", "the catalog's entry of the region",
           "purchase.region purchase.cooling", "", kNothing, kNoPrice},
    Figure{"usd_per_hour", "price of an hour", "USD/h",
           "Of the whole cluster while the job runs, spares included.",
           "rented: accelerators x price of an accelerator-hour; owned: cost_cluster / (years x "
           "8760 h "
           "x utilisation)",
           "prices with provider and date in the lines of the cost", kOwnerInputs, "", kNothing,
           kNoPrice},
    Figure{"cost_run", "cost of the run", "USD", "What this run costs.",
           "a line is quantity x unit price, to the cent; a sum is the exact sum of its lines; an "
           "owned "
           "cluster counts with its hours at usd_per_hour",
           "provider, date and evidence in each line", kOwnerInputs, "", kKernels, kNoPrice},
    Figure{"cost_cluster", "cost of owning the cluster", "USD", "All payments over its years.",
           "a line is quantity x unit price, to the cent; a sum is the exact sum of its lines",
           "provider, date and evidence in each line", kOwnerInputs, "", kNothing, kNoPrice},
    Figure{"cost_cluster.servers", "servers", "USD", "Bought, spares included.",
           "accelerators x price of a server per accelerator", "price in the line",
           "purchase.terms cluster.gpus run.spares cluster.node.accelerators", "", kNothing,
           kNoPrice},
    Figure{
        "cost_cluster.network", "network", "USD",
        "Switches, transceivers and cables of all networks; parts without a known price are left "
        "out.",
        "pieces of the bill of materials x price", "prices in the lines; gpuplan topology counts",
        "cluster.kind cluster.gpus cluster.switch cluster.leaf_oversubscription "
        "cluster.spine_oversubscription cluster.storage_network cluster.front_end_network",
        "", kNothing, kNoPrice},
    Figure{"cost_cluster.storage", "storage", "USD", "Bought with the cluster.",
           "TB x price; 2 TB per accelerator, or what the data needs, where it is not given",
           "price in the line", "run.checkpoint.storage.price_per_tb cluster.gpus", "", kNothing,
           kNoPrice},
    Figure{"cost_cluster.residual value", "residual value", "USD",
           "What the hardware is still worth at the end: negative.",
           "- hardware x (value left after three years) ^ (years / 3)", "the catalog's ownership",
           "purchase.ownership.residual purchase.years", "", kNothing, kNoPrice},
    Figure{
        "cost_cluster.cost of capital", "cost of capital", "USD", "Interest over the years.",
        "n A - (P - S), annuity A = (P - S / (1 + r)^n) r / (1 - (1 + r)^-n); P price, S residual "
        "value, r cost of capital, n years",
        "annuity of an investment with a residual value",
        "purchase.ownership.cost_of_capital purchase.ownership.residual purchase.years", "",
        kNothing, kNoPrice},
    Figure{"cost_cluster.building, power and cooling", "building, power and cooling", "USD",
           "The site's share of its life.",
           "critical IT power x price of a kW x min(1, years / facility_years)",
           "the catalog's ownership",
           "purchase.ownership.facility_per_kw purchase.ownership.facility_years purchase.years",
           "", kNothing, kNoPrice},
    Figure{"cost_cluster.electricity", "electricity", "USD", "Over the cluster's years.",
           "mean IT power x PUE x years x 8760 h x price of a kWh; idle outside utilisation",
           "the catalog's entry of the region",
           "purchase.region.price purchase.cooling.pue purchase.years purchase.utilisation "
           "cluster.accelerator.idle_power",
           "", kKernels, kNoPrice},
    Figure{
        "cost_cluster.staff", "staff", "USD", "People who run it.",
        "accelerators / accelerators per person x years x cost of a person-year",
        "the catalog's ownership",
        "purchase.ownership.accelerators_per_person purchase.ownership.person_year purchase.years "
        "cluster.gpus",
        "", kNothing, kNoPrice},
    Figure{
        "data", "data", "1", "What the run reads and makes; units are in the keys.",
        "shares of the mixture x tokens; transfer: bytes / bandwidth; writing: generation by the "
        "same cluster",
        "docs/data.md", "data run.tokens", "", kNothing, "none: as given"},
};

}  // namespace

std::span<const Figure> run_figures() {
  return kFigures;
}

}  // namespace scenarios
