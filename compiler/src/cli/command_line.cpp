// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <expected>
#include <functional>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/kept.hpp"
#include "cli/output.hpp"
#include "diag/suggest.hpp"
#include "import/seccomp.hpp"

namespace isolates::cli {
namespace {

// All options of all commands, and the command that was given.
struct CommandLine {
    CompileArguments compile;
    ImportArguments import;
    EventArguments events;
    bool json = false;
    bool no_lint = false;
    bool host = false;
    bool on_exec = false;
    bool force = false;
    bool only_check = false;
    bool as_graph = false;
    std::string stage;
    bool source = false;
    std::string file;
    std::string new_file;
    std::string output;
    std::string policy;
    std::string mode;
    std::string place;
    std::string pid;
    std::vector<std::string> kinds{"pid", "mnt"};
    std::vector<std::string> words;
    std::function<ExitStatus(Output&)> command;
};

class Parser {
  public:
    Parser(int argc, char** argv) : argc_(argc), argv_(argv) {
        app_.set_version_flag("--version", "ipolc " IPOLC_VERSION);
        app_.require_subcommand(1);
        app_.failure_message(CLI::FailureMessage::simple);
        add_compiling();
        add_writing();
        add_comparing();
        add_loading();
        add_binding();
        add_attaching();
        add_watching();
        add_running();
    }

    // The command line, or the exit status if there is nothing more to do.
    std::expected<CommandLine*, ExitStatus> parse() {
        if (argc_ > 1 && is_unknown(argv_[1], commands_))
            return refuse("command", argv_[1], commands_);
        if (argc_ > 2 && std::string_view(argv_[1]) == "import" && is_unknown(argv_[2], forms_))
            return refuse("form", argv_[2], forms_);
        try {
            app_.parse(argc_, argv_);
        } catch (const CLI::Success& success) {  // --help, --version
            app_.exit(success);
            return std::unexpected(exit_done);
        } catch (const CLI::ParseError& error) {
            return std::unexpected(Output(false).fail(exit_usage, error.what()));
        }
        return &line_;
    }

  private:
    using Command = ExitStatus (*)(CommandLine&, Output&);

    // @add_options is called with the command, if it is the one given.
    template <typename Options>
    void add(std::string_view name, std::string_view description, Command command,
             Options add_options) {
        commands_.push_back(name);
        if (is_wanted(name)) add_options(add_to(app_, name, description, command));
    }

    // For CLI11 all commands with their options are as much work as a policy's text. The
    // others of one that is given appear nowhere.
    [[nodiscard]] bool is_wanted(std::string_view command) const {
        if (argc_ < 2) return true;
        const std::string_view given = argv_[1];
        return given == command || given.starts_with('-');
    }

    CLI::App& add_to(CLI::App& parent, std::string_view name, std::string_view description,
                     Command command) {
        auto& subcommand = *parent.add_subcommand(std::string(name), std::string(description));
        subcommand.add_flag("--json", line_.json, "Print one JSON object instead of text");
        subcommand
            .add_option("--config", line_.compile.config_file, "Read this instead of ipolc.toml")
            ->type_name("FILE");
        subcommand.callback([this, command] {
            line_.command = [this, command](Output& output) { return command(line_, output); };
        });
        return subcommand;
    }

    void add_compile_options(CLI::App& command) {
        command
            .add_option("-I,--include", line_.compile.include_path,
                        "Look here for include <NAME>; may be repeated")
            ->type_name("DIR")
            ->allow_extra_args(false);
        command
            .add_option("-D,--define", line_.compile.definitions, "Set a variable; may be repeated")
            ->type_name("NAME=VALUE")
            ->allow_extra_args(false);
        command.add_flag("--werror", line_.compile.warnings_are_errors, "Take warnings for errors");
    }

    void add_files(CLI::App& command, const std::string& description) {
        command.add_option("FILE", line_.compile.files, description)->required();
    }

    void add_compiling() {
        add(
            "check", "Say what is wrong with policies",
            [](CommandLine& line, Output& output) {
                line.compile.lint = !line.no_lint;
                return check(line.compile, output);
            },
            [this](CLI::App& command) {
                add_compile_options(command);
                command.add_flag("--no-lint", line_.no_lint,
                                 "Do not look for what is right, and still looks like a mistake");
                add_files(command, "Sources or blobs");
            });

        add(
            "compile", "Compile policies to a blob",
            [](CommandLine& line, Output& output) {
                if (!line.stage.empty())
                    return dump_stage(line.compile, line.stage, line.as_graph, output);
                if (line.output.empty())
                    return output.fail(exit_usage, "--output is required, or --dump");
                return compile_to(line.compile, line.output, output);
            },
            [this](CLI::App& command) {
                add_compile_options(command);
                command
                    .add_option("-o,--output", line_.output,
                                "Where to write the blob; - is the standard output")
                    ->type_name("FILE");
                command
                    .add_option(
                        "--dump", line_.stage,
                        "Print what a stage of the compiler hands on, and write no blob: tokens "
                        "and ast (the text, includes in their place), policy (what it means), nfa "
                        "and dfa (the automata of each policy and class, before and after they are "
                        "made deterministic), blob (what the kernel is given)")
                    ->type_name("STAGE")
                    ->check(CLI::IsMember({"tokens", "ast", "policy", "nfa", "dfa", "blob"}));
                command.add_flag("--dot", line_.as_graph,
                                 "With --dump nfa or dfa: in the language of Graphviz");
                command.add_flag("--strip", line_.compile.strip,
                                 "Leave out the sources, and where the rules stand in them");
                add_files(command, "Sources or blobs");
            });

        add(
            "show", "Print a blob as a policy that decides the same",
            [](CommandLine& line, Output& output) { return show(line.file, line.source, output); },
            [this](CLI::App& command) {
                command.add_flag("--source", line_.source,
                                 "Print the sources it was compiled from");
                command.add_option("FILE", line_.file, "A blob, or the name of a policy in force")
                    ->required();
            });

        add(
            "explain", "Say what a policy says of an operation, and by which rule",
            [](CommandLine& line, Output& output) {
                line.compile.files = {line.file};
                return explain(line.compile, line.policy, line.words, output);
            },
            [this](CLI::App& command) {
                add_compile_options(command);
                command.add_option("--policy", line_.policy, "Which of several policies")
                    ->type_name("NAME");
                command.add_option("FILE", line_.file, "A source or a blob")->required();
                command
                    .add_option(
                        "OPERATION", line_.words,
                        "read PATH [owner]; link NAME FILE; signal send SIGNAL [peer=POLICY]; "
                        "network connect FAMILY TYPE ADDRESS:PORT; syscall NAME; mount")
                    ->required();
            });
    }

    // Commands that write sources.
    void add_writing() {
        add(
            "fmt",
            "Put sources in one style: two spaces a level, one rule a line. "
            "Comments are kept, and so is what the policies mean; a file that "
            "is not well-formed is left alone",
            [](CommandLine& line, Output& output) {
                return format_files(line.words, line.only_check, output);
            },
            [this](CLI::App& command) {
                command.add_flag(
                    "--check", line_.only_check,
                    "Change nothing: name the files that are in another style, and exit "
                    "with 1 if there are any");
                command.add_option(
                    "FILE", line_.words,
                    "Sources, rewritten in place; - or none: from the standard input "
                    "to the standard output");
            });
        add_import();
    }

    // Commands of a command: "ipolc import list FILE".
    void add_import() {
        commands_.push_back("import");
        if (!is_wanted("import")) return;
        auto& import_command = *app_.add_subcommand(
            "import",
            "Write a policy that does what something else did, as far as it can. What "
            "cannot be said in a policy is a warning, and a comment in its place");
        import_command.require_subcommand(1);

        auto& seccomp_command = add_to(
            import_command, "seccomp",
            "A seccomp profile of containers: the form of the OCI runtime specification, that of "
            "Docker and containers/common, or a container's config.json",
            [](CommandLine& line, Output& output) { return import_seccomp(line.import, output); });
        line_.import.capabilities = import::usual_capabilities();
        seccomp_command
            .add_option("--caps", line_.import.capabilities,
                        "The container's capabilities, which \"includes\" and \"excludes\" ask "
                        "for, or none; unless given those that Docker and podman give")
            ->type_name("CAP,...")
            ->delimiter(',')
            ->allow_extra_args(false);
        seccomp_command
            .add_option("--kernel", line_.import.kernel,
                        "The kernel's version, which \"minKernel\" asks for; unless given 6.12")
            ->type_name("MAJOR.MINOR");
        seccomp_command
            .add_option("FILE", line_.import.file, "The profile; - is the standard input")
            ->required();

        auto& list_command = add_to(
            import_command, "list",
            "Lines of \"syscall, inode\": the system calls to deny in the namespace whose inode "
            "has that number. A policy for each number",
            [](CommandLine& line, Output& output) { return import_list(line.import, output); });
        list_command
            .add_option("--kind", line_.import.kind,
                        "The kind of the namespaces, which a number does not tell")
            ->type_name("KIND")
            ->capture_default_str();
        list_command.add_option("FILE", line_.import.file, "The list; - is the standard input")
            ->required();

        for (auto* const command : {&seccomp_command, &list_command}) {
            command
                ->add_option("-o,--output", line_.import.output,
                             "Where to write the policy; unless given the standard output")
                ->type_name("FILE");
            command
                ->add_option("--name", line_.import.name,
                             "The policy's name; unless given the file's, without its suffix")
                ->type_name("NAME");
        }
    }

    void add_comparing() {
        add(
            "diff", "Say what a new version of policies allows and denies that the old one did not",
            [](CommandLine& line, Output& output) {
                return diff(line.compile, line.file, line.new_file, output);
            },
            [this](CLI::App& command) {
                add_compile_options(command);
                command.add_option("OLD", line_.file, "A source or a blob")->required();
                command.add_option("NEW", line_.new_file, "Another one")->required();
            });
    }

    void add_loading() {
        add(
            "load", "Put policies in force, all or none, and bind what they name",
            [](CommandLine& line, Output& output) { return load(line.compile, line.host, output); },
            [this](CLI::App& command) {
                add_compile_options(command);
                command.add_flag("--host", line_.host, "Bind the system's own namespaces too");
                add_files(command, "Sources or blobs");
            });

        add(
            "unload", "Take policies out of force",
            [](CommandLine& line, Output& output) {
                return unload(line.words, line.force, output);
            },
            [this](CLI::App& command) {
                command.add_flag("--force", line_.force, "Even if they are in use");
                command.add_option("NAME", line_.words, "Policies")->required();
            });

        add(
            "mode", "Say or change what becomes of who violates a policy",
            [](CommandLine& line, Output& output) { return mode(line.policy, line.mode, output); },
            [this](CLI::App& command) {
                command.add_option("POLICY", line_.policy, "A policy in force")->required();
                command.add_option("MODE", line_.mode, "enforce, complain, kill or disabled");
            });

        add(
            "seal", "Let the kernel refuse every change until the next boot",
            [](CommandLine&, Output& output) { return seal(output); }, [](CLI::App&) {});

        add(
            "list", "List the policies in force",
            [](CommandLine&, Output& output) { return list(output); }, [](CLI::App&) {});
    }

    void add_place(CLI::App& command) {
        command.add_option("POLICY", line_.policy, "A policy in force")->required();
        command.add_option("NAMESPACE", line_.place, "KIND:PATH, KIND:NUMBER or KIND:pid=N")
            ->required();
    }

    void add_binding() {
        add(
            "bind", "Bind a namespace to a policy",
            [](CommandLine& line, Output& output) {
                return bind_namespace(line.policy, line.place, line.host, line.on_exec, output);
            },
            [this](CLI::App& command) {
                command.add_flag("--host", line_.host, "Even if it is the system's own");
                command.add_flag("--on-exec", line_.on_exec,
                                 "Confine each task there by the next program it executes");
                add_place(command);
            });

        add(
            "unbind", "Undo that",
            [](CommandLine& line, Output& output) {
                return unbind_namespace(line.policy, line.place, output);
            },
            [this](CLI::App& command) { add_place(command); });
    }

    void add_process(CLI::App& command) {
        command.add_option("POLICY", line_.policy, "A policy in force")->required();
        command.add_option("PID", line_.pid, "A process")->required();
    }

    void add_attaching() {
        add(
            "attach", "Put a process under a policy",
            [](CommandLine& line, Output& output) {
                return attach_process(line.policy, line.pid, line.on_exec, output);
            },
            [this](CLI::App& command) {
                command.add_flag("--on-exec", line_.on_exec,
                                 "By the next program that it or a child executes");
                add_process(command);
            });

        add(
            "detach", "Undo that",
            [](CommandLine& line, Output& output) {
                return detach_process(line.policy, line.pid, output);
            },
            [this](CLI::App& command) { add_process(command); });
        add(
            "ps", "List the processes that are under a policy",
            [](CommandLine&, Output& output) { return list_processes(output); }, [](CLI::App&) {});
    }

    void add_watching() {
        add(
            "events", "Say what was denied, complained of or to be told, and by which rules",
            [](CommandLine& line, Output& output) { return events(line.events, output); },
            [this](CLI::App& command) {
                command.get_option("--json")->description("Print a JSON object a line");
                command.add_flag("-f,--follow", line_.events.follow, "Wait for more");
                command.add_flag("--new", line_.events.only_new,
                                 "Leave out what has happened before");
                command.add_option("--policy", line_.events.policy, "Only of this policy")
                    ->type_name("NAME");
            });
    }

    void add_running() {
        add(
            "run", "Run a command in new namespaces under a policy",
            [](CommandLine& line, Output& output) {
                return run(line.policy, line.kinds, line.words, output);
            },
            [this](CLI::App& command) {
                command.add_option("--policy", line_.policy, "A policy in force")
                    ->type_name("NAME")
                    ->required();
                command.add_option("--ns", line_.kinds, "Which namespaces are to be new")
                    ->type_name("KIND,...")
                    ->delimiter(',')
                    ->allow_extra_args(false)
                    ->capture_default_str();
                command.add_option("COMMAND", line_.words, "What to run: -- COMMAND ARGUMENT...")
                    ->required();
            });
    }

    static bool is_unknown(std::string_view word, std::span<const std::string_view> words) {
        return !word.starts_with('-') && std::ranges::find(words, word) == words.end();
    }

    static std::unexpected<ExitStatus> refuse(std::string_view what, std::string_view word,
                                              std::span<const std::string_view> words) {
        const auto hint = diag::did_you_mean(word, words);
        return std::unexpected(Output(false).fail(
            exit_usage,
            fmt::format("unknown {} '{}'{}{}", what, word, hint.empty() ? "" : "; ", hint)));
    }

    const int argc_;
    char** const argv_;
    CLI::App app_{"Compile policies for namespaces and put them in force", "ipolc"};
    std::vector<std::string_view> commands_;
    static constexpr std::array<std::string_view, 2> forms_ = {"seccomp", "list"};  // of import
    CommandLine line_;
};

}  // namespace

int run(int argc, char** argv) {
    try {
        auto& parser = kept<Parser>(argc, argv);
        const auto line = parser.parse();
        if (!line) return line.error();
        Output output((*line)->json);
        auto config = read_config((*line)->compile.config_file, output);
        if (!config) return output.finish(config.error());
        (*line)->compile.config = std::move(*config);
        return output.finish((*line)->command(output));
    } catch (const std::bad_alloc&) {
        return Output(false).fail(exit_refused, "out of memory");
    }
}

}  // namespace isolates::cli
