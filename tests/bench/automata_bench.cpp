// SPDX-License-Identifier: GPL-2.0-only
// How long it takes to compile policies of many rules, and what comes out:
// automata_bench [NAME...]. Times are of the CPU, the best of a few runs.
#include <fmt/format.h>
#include <sys/resource.h>

#include <ctime>
#include <functional>
#include <random>

#include "automata/automata.hpp"
#include "automata/pattern/patterns.hpp"
#include "automata/split/split.hpp"
#include "decide/decide.hpp"
#include "emit/emit.hpp"

namespace {

using namespace isolates;

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::size_t number(std::size_t below) { return random_() % below; }

    std::string word() {
        static constexpr std::array kSyllables = {"lib", "con", "fig", "ser", "ver", "da",  "ta",
                                                  "log", "run", "net", "sys", "ab",  "ori", "ex",
                                                  "py",  "ru",  "st",  "gi",  "mo",  "de"};
        std::string word;
        for (std::size_t i = 0; i < 2 + number(3); i++)
            word += kSyllables[number(kSyllables.size())];
        return word;
    }

    std::string directory() {
        static constexpr std::array kRoots = {"/usr/lib", "/usr/share", "/etc", "/var/lib",
                                              "/srv/www", "/opt",       "/home"};
        std::string path = kRoots[number(kRoots.size())];
        for (std::size_t i = 0; i < 1 + number(3); i++) {
            path += '/';
            path += word();
        }
        return path;
    }

    std::string plain() {
        return fmt::format("{}/{}{}.{}", directory(), word(), number(1000),
                           std::array{"conf", "so", "py", "html"}[number(4)]);
    }

    std::string glob() {
        switch (number(8)) {
            case 0:
                return directory() + "/*";
            case 1:
                return directory() + "/**";
            case 2:
                return fmt::format("{}/{}*.{{conf,d}}", directory(), word());
            case 3:
                return fmt::format("{}/*/{}[0-9]", directory(), word());
            case 4:
                return fmt::format("/{{,usr/}}{}/**/{}", word(), word());
            case 5:
                return fmt::format("{}/{}?{}", directory(), word(), word());
            case 6:
                return fmt::format("{}/*.{}", directory(), word());
            default:
                return plain();
        }
    }

    std::uint32_t operations() {
        static constexpr std::array<std::uint32_t, 4> kMasks = {
            ISOLATES_FILE_READ, ISOLATES_FILE_READ | ISOLATES_FILE_WRITE,
            ISOLATES_FILE_READ | ISOLATES_FILE_EXEC | ISOLATES_FILE_MMAP,
            ISOLATES_FILE_READ | ISOLATES_FILE_LOCK};
        return kMasks[number(kMasks.size())];
    }

  private:
    std::mt19937_64 random_;
};

model::Program program_of(std::size_t rules,
                          const std::function<model::FileRule(std::size_t)>& make) {
    model::Program program;
    program.sources.push_back({"bench.ipol", ""});
    model::Policy& policy = program.policies.emplace_back();
    policy.name = "bench";
    for (std::size_t i = 0; i < rules; i++) {
        model::FileRule rule = make(i);
        rule.effect.rule = static_cast<std::uint32_t>(i);
        policy.rules.push_back({0, static_cast<std::uint32_t>(i + 1), 1});
        program.sources[0].text += rule.glob + " r,\n";
        policy.files.push_back(std::move(rule));
    }
    return program;
}

model::Program plain(std::size_t rules) {
    Generator generator(1);
    return program_of(rules, [&](std::size_t) {
        return model::FileRule{{}, generator.plain(), generator.operations(), {}};
    });
}

model::Program mixed(std::size_t rules) {
    Generator generator(2);
    return program_of(rules, [&](std::size_t) {
        return model::FileRule{{}, generator.glob(), generator.operations(), {}};
    });
}

model::Program denied(std::size_t rules) {
    Generator generator(3);
    return program_of(rules, [&](std::size_t) {
        model::Effect effect;
        if (generator.number(10) == 0) effect.action = model::Action::deny;
        return model::FileRule{effect, generator.glob(), generator.operations(), {}};
    });
}

// Each rule has its own operations, so that every combination counts.
model::Program roaming(std::size_t rules) {
    return program_of(rules, [&](std::size_t i) {
        const auto operations = static_cast<std::uint32_t>(i * 37 + 1) & ISOLATES_FILE_OPS;
        return model::FileRule{{}, fmt::format("/**/w{}/**", i), operations, {}};
    });
}

model::Program roaming_deny(std::size_t rules) {
    return program_of(rules, [&](std::size_t i) {
        model::Effect effect;
        effect.action = model::Action::deny;
        return model::FileRule{effect, fmt::format("/**/w{}/**", i), 1u << (i % 18), {}};
    });
}

double seconds(const std::function<void()>& work) {
    const std::clock_t begin = std::clock();
    work();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

void run(const std::string& name, const model::Program& program, int times) {
    double best = 1e9;
    std::size_t size = 0, stripped = 0;
    std::string detail;
    for (int i = 0; i < times; i++)
        best = std::min(best, seconds([&] {
                            const auto blob = emit::build_blob(program, {});
                            size = blob ? blob->size() : 0;
                            if (!blob) detail = blob.error().message;
                        }));
    if (const auto blob = emit::build_blob(program, {.strip = true})) {
        stripped = blob->size();
        const auto loaded = decide::Blob::load(*blob);
        detail = fmt::format("{} states, {} edge words, {} automata, {} perms",
                             isolates_view_count(&loaded->view(), ISOLATES_SECTION_STATES),
                             isolates_view_count(&loaded->view(), ISOLATES_SECTION_EDGES),
                             isolates_view_count(&loaded->view(), ISOLATES_SECTION_AUTOMATA),
                             isolates_view_count(&loaded->view(), ISOLATES_SECTION_PERMS));
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print("{:<20} {:8.1f} ms {:9} bytes {:9} stripped  peak {:4} MB  {}\n", name, best * 1e3,
               size, stripped, usage.ru_maxrss / 1024, detail);
}

}  // namespace

int main(int argc, char** argv) {
    const auto is_wanted = [&](std::string_view name) {
        for (int i = 1; i < argc; i++)
            if (name.starts_with(argv[i])) return true;
        return argc == 1;
    };
    const auto bench = [&](const std::string& name, auto make, std::size_t rules, int times) {
        if (is_wanted(name)) run(name, make(rules), times);
    };
    bench("plain-1000", plain, 1000, 5);
    bench("plain-3500", plain, 3500, 5);
    bench("plain-10000", plain, 10000, 5);
    bench("plain-100000", plain, 100000, 2);
    bench("mixed-3000", mixed, 3000, 5);
    bench("mixed-10000", mixed, 10000, 3);
    bench("denied-3000", denied, 3000, 3);
    bench("roaming-20", roaming, 20, 3);
    bench("roaming-100", roaming, 100, 1);
    bench("roaming-deny-20", roaming_deny, 20, 1);
    bench("roaming-deny-100", roaming_deny, 100, 1);
}
