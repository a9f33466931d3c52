// SPDX-License-Identifier: GPL-2.0-only
// The part of the lexer that is no scanner: files, includes and blocks.
#include "parse/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace isolates::parse {
namespace {

// The span of a file's first NUL byte.
diag::Span span_of_nul(std::uint32_t inclusion, const std::string& text, std::size_t offset) {
    const auto lines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
    const auto line_begin = offset ? text.rfind('\n', offset - 1) : text.npos;
    const auto column = line_begin == text.npos ? offset + 1 : offset - line_begin;
    const diag::Position begin{static_cast<std::uint32_t>(lines + 1),
                               static_cast<std::uint32_t>(column)};
    return {inclusion, begin, {begin.line, begin.column + 1}};
}

}  // namespace

bool Lexer::open(const std::string& name) {
    included_.emplace_back();
    return push_file(name, *files_.open(name), std::nullopt);
}

Grammar::symbol_type Lexer::next() {
    if (close_is_due_) {
        close_is_due_ = false;
        blocks_.pop_back();
        included_.pop_back();
    }
    // Of more errors than are kept nobody reads the rest.
    if (report_.errors() >= diag::Report::kept_max) over_ = gave_up_ = true;
    if (!over_ && tokens_++ == tokens_max)
        give_up(here(), fmt::format("more than {} words and signs", tokens_max));
    if (over_) return Grammar::make_END(here());

    const auto last_match = match_;
    auto symbol = comma_is_due_ ? Grammar::make_COMMA(previous_.behind()) : scan_next();
    // A file's end, and a comma that we insert, have no text to be read again.
    match_is_token_ = !comma_is_due_ && symbol.location == match_ && match_ != last_match;
    comma_is_due_ = false;
    previous_ = std::exchange(token_, symbol.location);
    return symbol;
}

void Lexer::count_rule(const diag::Span& at) {
    if (++rules_ > rules_max && !over_) give_up(at, fmt::format("more than {} rules", rules_max));
}

void Lexer::give_up(const std::optional<diag::Span>& at, std::string text) {
    report_.error(at, std::move(text));
    report_.set_variables_incomplete();
    over_ = gave_up_ = true;
}

void Lexer::retake(std::string_view kept) {
    match_.end = match_.begin;
    for (auto end = kept.find('\n'); end != kept.npos; end = kept.find('\n')) {
        kept.remove_prefix(end + 1);
        match_.end.line++;
        match_.end.column = 1;
    }
    match_.end.column += static_cast<std::uint32_t>(kept.size());
}

bool Lexer::push_file(const std::string& name, const File& file, std::optional<diag::Span> from) {
    auto index = sources_.find(name);
    if (!index) {
        auto text = file.read();
        if (!text) {
            report_.error(from, fmt::format("cannot read {}: {}", name, text.error()));
            report_.set_variables_incomplete();
            return false;
        }
        index = sources_.add(name, std::move(*text));
    }

    const auto inclusion = sources_.include(*index, from);
    const auto& text = sources_.file(*index).text;
    text_read_ += text.size();
    if (text_read_ > text_max) {
        give_up(from, fmt::format("more than {} bytes of text, includes counted", text_max));
        return false;
    }
    if (const auto nul = text.find('\0'); nul != text.npos) {
        report_.error(span_of_nul(inclusion, text, nul), "a NUL byte: this is no text");
        report_.set_variables_incomplete();
        return false;
    }

    if (!frames_.empty()) frames_.back().match = match_;
    match_ = {inclusion, {}, {}};
    // Every line ends, and so every pattern that looks for its end finds it. Behind the text
    // flex wants two NUL bytes.
    const bool ends = text.ends_with('\n');
    const std::size_t size = text.size() + (ends ? 2 : 3);
    auto scanned = std::make_unique_for_overwrite<char[]>(size);
    char* end = scanned.get() + text.copy(scanned.get(), text.size());
    if (!ends) *end++ = '\n';
    std::fill_n(end, 2, '\0');

    const auto identity = file.identity();
    auto* const buffer = push_buffer(scanned.get(), size);
    frames_.push_back({.inclusion = inclusion,
                       .identity = identity,
                       .match = match_,
                       .blocks = blocks_.size(),
                       .text = text,
                       .scanned = std::move(scanned),
                       .buffer = buffer,
                       .queue = {},
                       .queue_next = 0,
                       .include = {}});
    if (identity) included_.back().insert(*identity);
    return true;
}

void Lexer::pop_file() {
    pop_buffer(frames_.back().buffer,
               frames_.size() > 1 ? frames_[frames_.size() - 2].buffer : nullptr);
    frames_.pop_back();
    if (!frames_.empty()) match_ = frames_.back().match;
}

// True if there is something else to do than to go on behind the include: the file is
// read next, or nothing is any more.
bool Lexer::include_file(const std::string& name, const File& file) {
    const auto identity = file.identity();
    const diag::Span include = frames_.back().include;
    if (identity && std::ranges::find(frames_, identity, &Frame::identity) != frames_.end()) {
        report_.error(include, fmt::format("{} includes itself", name));
    } else if (identity && included_.back().contains(*identity)) {
        // Once is enough.
    } else if (frames_.size() == include_depth_max) {
        report_.error(include, fmt::format("includes nest deeper than {}", include_depth_max));
        report_.set_variables_incomplete();
    } else if (sources_.inclusion_count() == inclusions_max) {
        give_up(include, fmt::format("more than {} includes", inclusions_max));
        return true;
    } else {
        return push_file(name, file, include);
    }
    return false;
}

void Lexer::read_queue() {
    Frame& frame = frames_.back();
    while (frame.queue_next < frame.queue.size()) {
        const auto name = std::move(frame.queue[frame.queue_next++]);
        if (include_file(name, *files_.open(name))) return;  // "frame" may be gone
    }
    frame.queue.clear();
    frame.queue_next = 0;
}

void Lexer::fail_include(std::string text) {
    include_if_exists = false;
    report_.error(match_, std::move(text));
    report_.set_variables_incomplete();
}

void Lexer::include(std::string_view name, bool angled) {
    const bool may_be_missing = std::exchange(include_if_exists, false);
    // "< name >" and <"name"> are AppArmor's.
    const auto first = name.find_first_not_of(" \t\"");
    const auto last = name.find_last_not_of(" \t\"");
    if (first == name.npos) return fail_include("an include names a file: <name> or \"name\"");
    const std::string file(name.substr(first, last - first + 1));
    std::optional names{std::vector{file}};
    if (file.contains("@{")) {
        if (!expand_) return fail_include("variables in the name of an include are not set here");
        names = expand_({file, match_, true});
    }
    if (!names) {
        report_.set_variables_incomplete();
        return;
    }
    frames_.back().include = match_;
    // The one file of most includes is open already; of many not all could be.
    if (names->size() == 1) {
        auto included = find_included(names->front(), angled, may_be_missing);
        if (included.file) {
            include_file(included.files.front(), *included.file);
            return;
        }
        frames_.back().queue = std::move(included.files);
    } else {
        for (const auto& one : *names) {
            auto included = find_included(one, angled, may_be_missing);
            std::ranges::move(included.files, std::back_inserter(frames_.back().queue));
        }
    }
    read_queue();
}

Included Lexer::find_included(const std::string& name, bool angled, bool may_be_missing) {
    const auto& includer = sources_.file(sources_.file_of(frames_.back().inclusion)).name;
    auto included =
        angled ? find_on_path(files_, name, path_) : find_beside(files_, name, includer);
    if (!included.found && !may_be_missing)
        fail_include(fmt::format("there is no file {}", angled ? fmt::format("<{}>", name) : name));
    return included;
}

bool Lexer::end_file() {
    if (frames_.size() == 1) return over_ = true;
    pop_file();
    read_queue();
    return over_;
}

bool Lexer::open_block() {
    if (blocks_.size() == block_depth_max) {
        give_up(match_, fmt::format("blocks nest deeper than {}", block_depth_max));
        return false;
    }
    blocks_.push_back(match_);
    included_.emplace_back();
    open_block_reported_ = false;
    return true;
}

bool Lexer::close_block() {
    if (blocks_.size() > frames_.back().blocks) {
        close_is_due_ = true;
        return true;
    }
    // The parser knows what to say of a brace that closes nothing at all.
    if (frames_.size() == 1) return true;
    report_.error(match_, "this brace closes a block of the including file");
    return false;
}

bool Lexer::has_open_block() const {
    return blocks_.size() > frames_.back().blocks;
}

void Lexer::report_open_block() {
    if (!std::exchange(open_block_reported_, true))
        report_.error(blocks_.back(), "this block is not closed: '}' is missing");
}

void Lexer::report_end_in_rule() {
    report_.error(token_.behind(), "the file ends within this rule: ',' is missing");
}

void Lexer::report_variable_name() {
    report_.error(match_, "this is no name of a variable")
        .with_hint("variables are written @{NAME}");
    report_.set_variables_incomplete();
}

std::string unexpected_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) return fmt::format("unexpected '{}'", c);
    return fmt::format("unexpected byte 0x{:02x}", byte);
}

}  // namespace isolates::parse
