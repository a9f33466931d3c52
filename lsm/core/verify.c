// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier. It trusts nothing, and it cannot be switched off.
 *
 * Each section has one cursor. Walking the owners in order, every range must
 * start at its cursor and end within the section, and when all is walked every
 * cursor must stand at its section's end. That is the whole argument that no
 * reference leads out of the blob and that the work is linear in its size.
 */
#include "verify.h"

struct verifier {
	struct isolates_view view;
	__u32 cursor[ISOLATES_SECTION_COUNT];
	struct isolates_refusal *refusal;
};

static int refuse(const struct verifier *v, int error, __u32 section,
		  __u32 index, const char *reason)
{
	v->refusal->reason = reason;
	v->refusal->section = section;
	v->refusal->index = index;
	return error;
}

/* Every 4 bits of input look up one entry: small, and plenty for a load. */
__u32 isolates_checksum(const void *blob, size_t size)
{
	static const __u32 table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const size_t hole = offsetof(struct isolates_header, checksum);
	const __u8 *const bytes = blob;
	__u32 crc = ~0u;
	size_t i;

	for (i = 0; i < size; i++) {
		crc ^= i - hole < sizeof(__u32) ? 0 : bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static size_t element_size(__u32 section)
{
	static const __u16 sizes[ISOLATES_SECTION_COUNT] = {
		[ISOLATES_SECTION_POLICIES] = sizeof(struct isolates_policy),
		[ISOLATES_SECTION_AUTOMATA] = sizeof(struct isolates_automaton),
		[ISOLATES_SECTION_STATES] = sizeof(struct isolates_state),
		[ISOLATES_SECTION_EDGES] = sizeof(__u32),
		[ISOLATES_SECTION_BYTE_CLASSES] =
			sizeof(struct isolates_byte_classes),
		[ISOLATES_SECTION_PERMS] = sizeof(struct isolates_perms),
		[ISOLATES_SECTION_ERRORS] = sizeof(struct isolates_error),
		[ISOLATES_SECTION_TRANSITIONS] =
			sizeof(struct isolates_transition),
		[ISOLATES_SECTION_SYSCALLS] = sizeof(struct isolates_syscall),
		[ISOLATES_SECTION_ARGUMENTS] = sizeof(struct isolates_argument),
		[ISOLATES_SECTION_RLIMITS] = sizeof(struct isolates_rlimit),
		[ISOLATES_SECTION_BINDINGS] = sizeof(struct isolates_binding),
		[ISOLATES_SECTION_RULE_REFS] = sizeof(__u32),
		[ISOLATES_SECTION_RULES] = sizeof(struct isolates_rule),
		[ISOLATES_SECTION_SOURCES] = sizeof(struct isolates_source),
		[ISOLATES_SECTION_STRINGS] = 1,
	};

	return sizes[section];
}

static bool bytes_are_zero(const __u8 *bytes, __u32 count)
{
	while (count--) {
		if (*bytes++)
			return false;
	}
	return true;
}

/* The header, and from its counts the place of every section. */
static int verify_header(struct verifier *v, const void *blob, size_t size)
{
	const struct isolates_header *const header = blob;
	const __u8 *const bytes = blob;
	const void *at[ISOLATES_SECTION_COUNT];
	__u64 end = sizeof(*header);
	__u32 i;

	if (size < sizeof(*header))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "shorter than a blob's header");
	if (memcmp(header->magic, ISOLATES_BLOB_MAGIC, sizeof(header->magic)))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "not an isolates blob");
	if (header->version != ISOLATES_BLOB_VERSION)
		return refuse(v, -EPROTONOSUPPORT, ISOLATES_SECTION_COUNT, 0,
			      "a blob of another format version");
	if (size > ISOLATES_BLOB_SIZE_MAX)
		return refuse(v, -E2BIG, ISOLATES_SECTION_COUNT, 0,
			      "the blob is over the size limit");
	if (header->size != size)
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "the blob is cut short, or something follows it");
	if (header->reserved ||
	    !bytes_are_zero((const __u8 *)header->reserved_tail,
			    sizeof(header->reserved_tail)))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "a reserved field is not zero");
	if (header->checksum != isolates_checksum(blob, size))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "the checksum is wrong");

	for (i = 0; i < ISOLATES_SECTION_COUNT; i++) {
		at[i] = bytes + end;
		end += (__u64)header->count[i] * element_size(i);
		if (end > size)
			return refuse(v, -EINVAL, i, header->count[i],
				      "the section reaches beyond the blob");
		for (; end % 8; end++) {
			if (end >= size || bytes[end])
				return refuse(v, -EINVAL, i, header->count[i],
					      "the padding is cut or not zero");
		}
	}
	if (end != size)
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "bytes behind the last section");

	v->view.header = header;
	v->view.policies = at[ISOLATES_SECTION_POLICIES];
	v->view.automata = at[ISOLATES_SECTION_AUTOMATA];
	v->view.states = at[ISOLATES_SECTION_STATES];
	v->view.edges = at[ISOLATES_SECTION_EDGES];
	v->view.byte_classes = at[ISOLATES_SECTION_BYTE_CLASSES];
	v->view.perms = at[ISOLATES_SECTION_PERMS];
	v->view.errors = at[ISOLATES_SECTION_ERRORS];
	v->view.transitions = at[ISOLATES_SECTION_TRANSITIONS];
	v->view.syscalls = at[ISOLATES_SECTION_SYSCALLS];
	v->view.arguments = at[ISOLATES_SECTION_ARGUMENTS];
	v->view.rlimits = at[ISOLATES_SECTION_RLIMITS];
	v->view.bindings = at[ISOLATES_SECTION_BINDINGS];
	v->view.rule_refs = at[ISOLATES_SECTION_RULE_REFS];
	v->view.rules = at[ISOLATES_SECTION_RULES];
	v->view.sources = at[ISOLATES_SECTION_SOURCES];
	v->view.strings = at[ISOLATES_SECTION_STRINGS];
	return 0;
}

/* @range is the next one to tile @section: take it. */
static bool take(struct verifier *v, __u32 section, struct isolates_range range)
{
	const __u32 left = v->view.header->count[section] - v->cursor[section];

	if (range.first != v->cursor[section] || range.count > left)
		return false;
	v->cursor[section] += range.count;
	return true;
}

/* The same for a string: @length bytes, none of them NUL, and then a NUL. */
static bool take_string(struct verifier *v, struct isolates_string string)
{
	const char *const text = v->view.strings + v->cursor[ISOLATES_SECTION_STRINGS];
	const __u32 left = v->view.header->count[ISOLATES_SECTION_STRINGS] -
			   v->cursor[ISOLATES_SECTION_STRINGS];

	if (string.offset != v->cursor[ISOLATES_SECTION_STRINGS] ||
	    string.length >= left || text[string.length] ||
	    memchr(text, 0, string.length))
		return false;
	v->cursor[ISOLATES_SECTION_STRINGS] += string.length + 1;
	return true;
}

/* Printable, so that it can stand in logs and in securityfs. */
static bool is_policy_name(const char *name, __u32 length)
{
	static const char unconfined[] = "unconfined";
	__u32 i;

	if (!length || length > ISOLATES_NAME_MAX)
		return false;
	for (i = 0; i < length; i++) {
		const __u8 byte = (__u8)name[i];

		if (byte < 0x20 || byte == 0x7f)
			return false;
	}
	/* The name that rules give to tasks without a policy. */
	return length != sizeof(unconfined) - 1 ||
	       memcmp(name, unconfined, length);
}

static bool name_is_after(const struct verifier *v, struct isolates_string name,
			  struct isolates_string before)
{
	const __u32 shorter = name.length < before.length ? name.length :
							    before.length;
	const int order = memcmp(isolates_view_text(&v->view, name),
				 isolates_view_text(&v->view, before), shorter);

	return order > 0 || (!order && name.length > before.length);
}

/* All policies' names, first, as their order makes a look-up a bisection. */
static int verify_names(struct verifier *v)
{
	const __u32 count = isolates_view_count(&v->view, ISOLATES_SECTION_POLICIES);
	__u32 i;

	if (!count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, 0,
			      "there is no policy in it");
	if (count > ISOLATES_POLICIES_MAX)
		return refuse(v, -E2BIG, ISOLATES_SECTION_POLICIES, count,
			      "too many policies");
	for (i = 0; i < count; i++) {
		const struct isolates_string name = v->view.policies[i].name;

		if (!take_string(v, name))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, i,
				      "the name is no string of its own");
		if (!is_policy_name(isolates_view_text(&v->view, name), name.length))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, i,
				      "this cannot be a policy's name");
		if (i && !name_is_after(v, name, v->view.policies[i - 1].name))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, i,
				      "the names are not sorted and unique");
	}
	return 0;
}

static bool labels_are_sorted(const __u8 *labels, __u32 count)
{
	__u32 i;

	for (i = 1; i < count; i++) {
		if (labels[i] <= labels[i - 1])
			return false;
	}
	return true;
}

/* The words of @state's edges; *@targets of them, from *@first, are states. */
static __u32 edge_words(const struct isolates_automaton *automaton,
			const struct isolates_state *state, __u32 *first,
			__u32 *targets)
{
	switch (state->kind) {
	case ISOLATES_STATE_STRING:
		*first = 0;
		*targets = 1;
		return 1 + (state->count + 3u) / 4;
	case ISOLATES_STATE_SPARSE:
		*first = (state->count + 7u) / 8 * 2;
		*targets = state->count;
		return *first + *targets;
	case ISOLATES_STATE_DENSE:
		*first = 0;
		*targets = automaton->byte_classes;
		return *targets;
	default:
		*first = 0;
		*targets = 0;
		return 0;
	}
}

/* @used: how many of the automaton's edge words the states before it have. */
static int verify_state(struct verifier *v, __u32 index,
			const struct isolates_automaton *automaton, __u32 perms,
			__u32 *used)
{
	const struct isolates_state *const state = v->view.states + index;
	const __u32 *const edges =
		v->view.edges + automaton->edges.first + *used;
	__u32 first, targets, words, i;

	if (state->kind >= ISOLATES_STATE_KINDS || state->reserved)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "a state of no known kind");
	if (state->perms >= perms)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the permissions are beyond the policy's");
	if (state->otherwise >= automaton->states.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the target is beyond the automaton");

	switch (state->kind) {
	case ISOLATES_STATE_STRING:
	case ISOLATES_STATE_SPARSE:
		if (!state->count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "a state without the edges of its kind");
		break;
	case ISOLATES_STATE_DENSE:
		if (!automaton->byte_classes)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "a dense state without classes of bytes");
		fallthrough;
	default:
		if (state->count || state->otherwise)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "an unused field is not zero");
	}

	words = edge_words(automaton, state, &first, &targets);
	if (state->edges != *used || words > automaton->edges.count - *used)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the edges are not where they belong");
	*used += words;

	for (i = first; i < first + targets; i++) {
		if (edges[i] >= automaton->states.count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "an edge leads beyond the automaton");
	}
	if (state->kind == ISOLATES_STATE_STRING &&
	    !bytes_are_zero((const __u8 *)(edges + 1) + state->count,
			    (words - 1) * 4 - state->count))
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the padding is not zero");
	if (state->kind == ISOLATES_STATE_SPARSE) {
		const __u8 *const labels = (const __u8 *)edges;

		if (!labels_are_sorted(labels, state->count))
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "the edges' bytes are not ascending");
		if (!bytes_are_zero(labels + state->count,
				    first * 4 - state->count))
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "the padding is not zero");
	}
	return 0;
}

static int verify_byte_classes(struct verifier *v, __u32 index,
			       const struct isolates_automaton *automaton)
{
	const struct isolates_range map = { automaton->byte_classes_map, 1 };
	const __u8 *of;
	__u32 i;

	if (!automaton->byte_classes)
		return automaton->byte_classes_map ?
			refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			       "an unused field is not zero") : 0;
	if (automaton->byte_classes > 256 ||
	    !take(v, ISOLATES_SECTION_BYTE_CLASSES, map))
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the classes of bytes are not where they belong");
	of = v->view.byte_classes[automaton->byte_classes_map].of;
	for (i = 0; i < 256; i++) {
		if (of[i] >= automaton->byte_classes)
			return refuse(v, -EINVAL, ISOLATES_SECTION_BYTE_CLASSES,
				      automaton->byte_classes_map,
				      "a byte of a class that is not there");
	}
	return 0;
}

static int verify_automaton(struct verifier *v, __u32 index, __u32 perms)
{
	const struct isolates_automaton *const automaton = v->view.automata + index;
	const struct isolates_state *dead;
	__u32 used = 0;
	__u32 i;
	int error;

	if (!take(v, ISOLATES_SECTION_STATES, automaton->states) ||
	    !take(v, ISOLATES_SECTION_EDGES, automaton->edges))
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the states or edges are not where they belong");
	if (!automaton->states.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "an automaton without a state");
	if (automaton->start >= automaton->states.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the start state is beyond the automaton");
	dead = v->view.states + automaton->states.first;
	if (dead->kind != ISOLATES_STATE_SINK || dead->perms)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the dead state is not dead");
	error = verify_byte_classes(v, index, automaton);
	if (error)
		return error;

	for (i = 0; i < automaton->states.count; i++) {
		error = verify_state(v, automaton->states.first + i, automaton,
				     perms, &used);
		if (error)
			return error;
	}
	if (used != automaton->edges.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "edges that belong to no state");
	return 0;
}

static bool is_errno(__u32 error)
{
	return error >= 1 && error <= ISOLATES_ERRNO_MAX;
}

static bool is_rule(__u32 rule, const struct isolates_policy *policy)
{
	return rule == ISOLATES_RULE_NONE || rule < policy->rules.count;
}

static int verify_perms(struct verifier *v, __u32 index,
			const struct isolates_policy *policy)
{
	const struct isolates_perms *const perms = v->view.perms + index;
	__u32 i;

	for (i = 0; i < 2; i++) {
		if ((perms->allow[i] | perms->deny[i] | perms->audit[i] |
		     perms->quiet[i]) & ~(__u32)ISOLATES_FILE_OPS)
			return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
				      "an operation that is not known");
		if (perms->exec[i] > policy->transitions.count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
				      "the transition is beyond the policy's");
		if (perms->exec[i] && !(perms->allow[i] & ISOLATES_FILE_EXEC))
			return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
				      "a transition of what is not allowed");
	}
	if (!take(v, ISOLATES_SECTION_ERRORS, perms->errors) ||
	    !take(v, ISOLATES_SECTION_RULE_REFS, perms->rules))
		return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
			      "the errnos or rules are not where they belong");
	for (i = 0; i < perms->errors.count; i++) {
		const struct isolates_error *const error =
			v->view.errors + perms->errors.first + i;

		if (!is_errno(error->error))
			return refuse(v, -EINVAL, ISOLATES_SECTION_ERRORS,
				      perms->errors.first + i, "not an errno");
		if (i && error->order <= error[-1].order)
			return refuse(v, -EINVAL, ISOLATES_SECTION_ERRORS,
				      perms->errors.first + i,
				      "the errnos are not in their rules' order");
	}
	for (i = 0; i < perms->rules.count; i++) {
		const __u32 *const rule =
			v->view.rule_refs + perms->rules.first + i;

		if (*rule >= policy->rules.count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_RULE_REFS,
				      perms->rules.first + i,
				      "the rule is beyond the policy's");
		if (i && *rule <= rule[-1])
			return refuse(v, -EINVAL, ISOLATES_SECTION_RULE_REFS,
				      perms->rules.first + i,
				      "the rules are not ascending");
	}
	return 0;
}

/* A state without permissions refers to the first, which grants nothing. */
static bool perms_are_none(const struct isolates_perms *perms)
{
	return !(perms->allow[0] | perms->allow[1] | perms->deny[0] |
		 perms->deny[1] | perms->audit[0] | perms->audit[1] |
		 perms->quiet[0] | perms->quiet[1] | perms->errors.count |
		 perms->rules.count | perms->exec[0] | perms->exec[1]);
}

static int verify_classes(struct verifier *v, __u32 index)
{
	const struct isolates_policy *const policy = v->view.policies + index;
	__u32 class_id, i;
	int error;

	for (class_id = 0; class_id < ISOLATES_CLASS_COUNT; class_id++) {
		const struct isolates_class_rules *const rules =
			policy->classes + class_id;

		if (rules->open & ~isolates_class_operations(class_id))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES,
				      index, "an operation that is not known");
		if (rules->automata.count > ISOLATES_AUTOMATA_MAX)
			return refuse(v, -E2BIG, ISOLATES_SECTION_POLICIES,
				      index, "too many automata");
		if (!take(v, ISOLATES_SECTION_AUTOMATA, rules->automata))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES,
				      index, "the automata are not where they belong");
		for (i = 0; i < rules->automata.count; i++) {
			error = verify_automaton(v, rules->automata.first + i,
						 policy->perms.count);
			if (error)
				return error;
		}
	}
	return 0;
}

static int verify_transition(struct verifier *v, __u32 index)
{
	const struct isolates_transition *const transition =
		v->view.transitions + index;
	const struct isolates_string target = transition->target;

	if (transition->kind >= ISOLATES_TRANSITION_COUNT ||
	    transition->fallback >= ISOLATES_FALLBACK_COUNT ||
	    transition->flags & ~ISOLATES_TRANSITION_SCRUB ||
	    transition->reserved)
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "not a kind of transition");
	if (!take_string(v, target))
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "the target is no string of its own");
	if (transition->kind == ISOLATES_TRANSITION_UNCONFINED &&
	    (target.length || transition->fallback))
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "an unused field is not zero");
	if (target.length &&
	    !is_policy_name(isolates_view_text(&v->view, target), target.length))
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "the target cannot be a policy's name");
	return 0;
}

static int verify_argument(struct verifier *v, __u32 index)
{
	const struct isolates_argument *const argument = v->view.arguments + index;

	if (argument->index >= ISOLATES_ARGUMENTS ||
	    argument->comparison >= ISOLATES_COMPARISONS)
		return refuse(v, -EINVAL, ISOLATES_SECTION_ARGUMENTS, index,
			      "not an argument, or a way of comparing one");
	if (!argument->mask || argument->value & ~argument->mask)
		return refuse(v, -EINVAL, ISOLATES_SECTION_ARGUMENTS, index,
			      "the mask does not cover the value");
	return 0;
}

static bool syscalls_are_in_order(const struct verifier *v,
				  const struct isolates_syscall *before,
				  const struct isolates_syscall *call)
{
	if (name_is_after(v, call->name, before->name))
		return true;
	return before->name.length == call->name.length &&
	       !memcmp(isolates_view_text(&v->view, before->name),
		       isolates_view_text(&v->view, call->name),
		       call->name.length) &&
	       (call->rule == ISOLATES_RULE_NONE || call->rule > before->rule);
}

static int verify_syscall(struct verifier *v, __u32 index,
			  const struct isolates_policy *policy)
{
	const struct isolates_syscall *const call = v->view.syscalls + index;
	__u32 i;
	int error;

	if (!take_string(v, call->name) || !call->name.length)
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the name is no string of its own");
	if (call->action >= ISOLATES_SYSCALL_ACTIONS ||
	    call->flags & ~ISOLATES_SYSCALL_FLAGS)
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "an action or a flag that is not known");
	if (call->error && (call->action != ISOLATES_SYSCALL_DENY ||
			    !is_errno(call->error)))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "not an errno");
	if (!is_rule(call->rule, policy))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the rule is beyond the policy's");
	if (index > policy->syscalls.first &&
	    !syscalls_are_in_order(v, call - 1, call))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the names or rules are not in order");
	if (!take(v, ISOLATES_SECTION_ARGUMENTS, call->arguments))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the arguments are not where they belong");
	for (i = 0; i < call->arguments.count; i++) {
		error = verify_argument(v, call->arguments.first + i);
		if (error)
			return error;
	}
	return 0;
}

static int verify_rlimit(struct verifier *v, __u32 index,
			 const struct isolates_policy *policy)
{
	const struct isolates_rlimit *const rlimit = v->view.rlimits + index;

	if (rlimit->resource >= ISOLATES_RLIMITS ||
	    (index > policy->rlimits.first &&
	     rlimit->resource <= rlimit[-1].resource))
		return refuse(v, -EINVAL, ISOLATES_SECTION_RLIMITS, index,
			      "not a resource, or not in order");
	if (!is_rule(rlimit->rule, policy))
		return refuse(v, -EINVAL, ISOLATES_SECTION_RLIMITS, index,
			      "the rule is beyond the policy's");
	return 0;
}

static int verify_binding(struct verifier *v, __u32 index,
			  const struct isolates_policy *policy)
{
	const struct isolates_binding *const binding = v->view.bindings + index;
	const bool by_path = binding->where == ISOLATES_WHERE_PATH;

	if (binding->kind >= ISOLATES_NAMESPACE_COUNT ||
	    binding->where >= ISOLATES_WHERE_COUNT)
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "not a kind of namespace, or of naming one");
	if (!take_string(v, binding->path))
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "the path is no string of its own");
	if (by_path != !!binding->path.length || by_path == !!binding->number)
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "needs either a path or a number");
	if (!is_rule(binding->rule, policy))
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "the rule is beyond the policy's");
	return 0;
}

/* All but its name. */
static int verify_policy(struct verifier *v, __u32 index)
{
	const struct isolates_policy *const policy = v->view.policies + index;
	__u32 i;
	int error;

	if (policy->mode >= ISOLATES_MODE_COUNT)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "not a mode");
	if (policy->attach_prefix &&
	    !policy->classes[ISOLATES_CLASS_ATTACH].automata.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "an unused field is not zero");
	if (!take(v, ISOLATES_SECTION_PERMS, policy->perms) ||
	    !take(v, ISOLATES_SECTION_TRANSITIONS, policy->transitions) ||
	    !take(v, ISOLATES_SECTION_SYSCALLS, policy->syscalls) ||
	    !take(v, ISOLATES_SECTION_RLIMITS, policy->rlimits) ||
	    !take(v, ISOLATES_SECTION_BINDINGS, policy->bindings) ||
	    !take(v, ISOLATES_SECTION_RULES, policy->rules))
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "its parts are not where they belong");
	if (!policy->perms.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "there are no permissions to refer to");

	for (i = 0; i < policy->perms.count; i++) {
		error = verify_perms(v, policy->perms.first + i, policy);
		if (error)
			return error;
	}
	if (!perms_are_none(v->view.perms + policy->perms.first))
		return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS,
			      policy->perms.first,
			      "the first permissions are not none");
	for (i = 0; i < policy->rules.count; i++) {
		const struct isolates_rule *const rule =
			v->view.rules + policy->rules.first + i;

		if (rule->source >= isolates_view_count(&v->view,
							ISOLATES_SECTION_SOURCES))
			return refuse(v, -EINVAL, ISOLATES_SECTION_RULES,
				      policy->rules.first + i,
				      "the source is not there");
	}
	for (i = 0; i < policy->rlimits.count; i++) {
		error = verify_rlimit(v, policy->rlimits.first + i, policy);
		if (error)
			return error;
	}
	return verify_classes(v, index);
}

/* The parts of all policies that own strings, section by section. */
static int verify_parts(struct verifier *v)
{
	const __u32 count = isolates_view_count(&v->view, ISOLATES_SECTION_POLICIES);
	__u32 i, k;
	int error;

	for (i = 0; i < count; i++) {
		const struct isolates_policy *const policy = v->view.policies + i;

		for (k = 0; k < policy->transitions.count; k++) {
			error = verify_transition(v, policy->transitions.first + k);
			if (error)
				return error;
		}
	}
	for (i = 0; i < count; i++) {
		const struct isolates_policy *const policy = v->view.policies + i;

		for (k = 0; k < policy->syscalls.count; k++) {
			error = verify_syscall(v, policy->syscalls.first + k,
					       policy);
			if (error)
				return error;
		}
	}
	for (i = 0; i < count; i++) {
		const struct isolates_policy *const policy = v->view.policies + i;

		for (k = 0; k < policy->bindings.count; k++) {
			error = verify_binding(v, policy->bindings.first + k,
					       policy);
			if (error)
				return error;
		}
	}
	return 0;
}

static int verify_sources(struct verifier *v)
{
	const __u32 count = isolates_view_count(&v->view, ISOLATES_SECTION_SOURCES);
	__u32 i;

	for (i = 0; i < count; i++) {
		if (!take_string(v, v->view.sources[i].name) ||
		    !take_string(v, v->view.sources[i].text))
			return refuse(v, -EINVAL, ISOLATES_SECTION_SOURCES, i,
				      "the name or text is no string of its own");
	}
	return 0;
}

/* What no element before has claimed is not allowed to be there. */
static int verify_all_is_owned(struct verifier *v)
{
	__u32 i;

	v->cursor[ISOLATES_SECTION_POLICIES] =
		isolates_view_count(&v->view, ISOLATES_SECTION_POLICIES);
	v->cursor[ISOLATES_SECTION_SOURCES] =
		isolates_view_count(&v->view, ISOLATES_SECTION_SOURCES);
	for (i = 0; i < ISOLATES_SECTION_COUNT; i++) {
		if (v->cursor[i] != v->view.header->count[i])
			return refuse(v, -EINVAL, i, v->cursor[i],
				      "belongs to nothing");
	}
	return 0;
}

int isolates_verify(const void *blob, size_t size, struct isolates_view *view,
		    struct isolates_refusal *refusal)
{
	struct verifier v = { .refusal = refusal };
	__u32 i;
	int error;

	error = verify_header(&v, blob, size);
	if (!error)
		error = verify_names(&v);
	for (i = 0; !error && i < isolates_view_count(&v.view, ISOLATES_SECTION_POLICIES); i++)
		error = verify_policy(&v, i);
	if (!error)
		error = verify_parts(&v);
	if (!error)
		error = verify_sources(&v);
	if (!error)
		error = verify_all_is_owned(&v);
	if (!error)
		*view = v.view;
	return error;
}
