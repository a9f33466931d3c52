/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The isolates policy blob, format version 1. This header is its specification.
 *
 * A blob is one header followed by its sections, in the order of
 * enum isolates_section, each starting on a multiple of 8 bytes right behind
 * the one before (padding is zero), each an array of one fixed-size element.
 * Everything is little endian. Nothing in a blob is a pointer; references are
 * element indices into a section, and ranges are (first, count) pairs.
 *
 * The encoding is canonical: the ranges and strings that refer into a section
 * tile it without gap or overlap, taken in the order of the elements that own
 * them. So each section is verified in one pass, no byte is unaccounted for, and
 * the same policy always has the same bytes. The strings are owned, in this
 * order, by the policies, the transitions, the system calls, the bindings and the
 * sources.
 *
 * Decisions are made by deterministic automata over byte strings that spell
 * the facts of an operation; see core/facts.h for the spelling of each class.
 */
#ifndef ISOLATES_CORE_BLOB_H
#define ISOLATES_CORE_BLOB_H

#include "platform.h"

#define ISOLATES_BLOB_MAGIC	"isolates"
#define ISOLATES_BLOB_VERSION	1

/* Bounds on what a blob may hold; the verifier refuses what is over them. */
#define ISOLATES_BLOB_SIZE_MAX		(256u << 20)
#define ISOLATES_POLICIES_MAX		65536u
#define ISOLATES_NAME_MAX		255u	/* bytes of a policy's name */
#define ISOLATES_AUTOMATA_MAX		8u	/* per policy and class */

enum isolates_section {
	ISOLATES_SECTION_POLICIES,	/* struct isolates_policy */
	ISOLATES_SECTION_AUTOMATA,	/* struct isolates_automaton */
	ISOLATES_SECTION_STATES,	/* struct isolates_state */
	ISOLATES_SECTION_EDGES,		/* __u32: see enum isolates_state_kind */
	ISOLATES_SECTION_BYTE_CLASSES,	/* struct isolates_byte_classes */
	ISOLATES_SECTION_PERMS,		/* struct isolates_perms */
	ISOLATES_SECTION_ERRORS,	/* struct isolates_error */
	ISOLATES_SECTION_TRANSITIONS,	/* struct isolates_transition */
	ISOLATES_SECTION_SYSCALLS,	/* struct isolates_syscall */
	ISOLATES_SECTION_ARGUMENTS,	/* struct isolates_argument */
	ISOLATES_SECTION_RLIMITS,	/* struct isolates_rlimit */
	ISOLATES_SECTION_BINDINGS,	/* struct isolates_binding */
	ISOLATES_SECTION_RULE_REFS,	/* __u32: relative to the policy's rules (debug) */
	ISOLATES_SECTION_RULES,		/* struct isolates_rule (debug) */
	ISOLATES_SECTION_SOURCES,	/* struct isolates_source (debug) */
	ISOLATES_SECTION_STRINGS,	/* bytes; each string ends with a NUL */
	ISOLATES_SECTION_COUNT
};

struct isolates_range {
	__u32 first;
	__u32 count;
};

/* A string without its NUL: bytes [offset, offset + length) of the strings. */
struct isolates_string {
	__u32 offset;
	__u32 length;
};

struct isolates_header {
	__u8  magic[8];
	__u32 version;
	__u32 size;		/* of the whole blob, in bytes */
	__u32 checksum;		/* CRC-32 of the blob with this field zero */
	__u32 reserved;		/* zero */
	/* In elements; the offsets follow from the order and the sizes. */
	__u32 count[ISOLATES_SECTION_COUNT];
	/* Zero; keeps the header a multiple of 8. */
	__u32 reserved_tail[2 - ISOLATES_SECTION_COUNT % 2];
};

/* What a policy decides about. Each class has its own operations below. */
enum isolates_class {
	ISOLATES_CLASS_FILE,
	ISOLATES_CLASS_SIGNAL,
	ISOLATES_CLASS_NETWORK,
	ISOLATES_CLASS_MOUNT,
	ISOLATES_CLASS_CAPABILITY,
	ISOLATES_CLASS_PTRACE,
	ISOLATES_CLASS_NAMESPACE,
	ISOLATES_CLASS_IO_URING,
	ISOLATES_CLASS_UNIX,
	ISOLATES_CLASS_CHANGE_PROFILE,
	/*
	 * Hard links as pairs of the new name and the file's. Only policies that
	 * have rules about pairs have automata for it, which then hold all that
	 * they say of links; of other policies ISOLATES_FILE_LINK of the new name
	 * says all.
	 */
	ISOLATES_CLASS_LINK,
	/*
	 * Which programs the policy attaches to: where an exec moves to that names
	 * no policy. It never confines by itself.
	 */
	ISOLATES_CLASS_ATTACH,
	ISOLATES_CLASS_COUNT
};

/* Operations on a file; bit positions of every permission mask of the class. */
enum isolates_file_op {
	ISOLATES_FILE_READ	= 1u << 0,
	ISOLATES_FILE_WRITE	= 1u << 1,
	ISOLATES_FILE_APPEND	= 1u << 2,
	ISOLATES_FILE_EXEC	= 1u << 3,
	ISOLATES_FILE_MMAP	= 1u << 4,	/* map executable */
	ISOLATES_FILE_LOCK	= 1u << 5,
	ISOLATES_FILE_LINK	= 1u << 6,
	ISOLATES_FILE_CREATE	= 1u << 7,
	ISOLATES_FILE_UNLINK	= 1u << 8,
	ISOLATES_FILE_MKDIR	= 1u << 9,
	ISOLATES_FILE_RMDIR	= 1u << 10,
	ISOLATES_FILE_RENAME	= 1u << 11,
	ISOLATES_FILE_SYMLINK	= 1u << 12,
	ISOLATES_FILE_MKNOD	= 1u << 13,
	ISOLATES_FILE_CHMOD	= 1u << 14,
	ISOLATES_FILE_CHOWN	= 1u << 15,
	ISOLATES_FILE_TRUNCATE	= 1u << 16,
	ISOLATES_FILE_CHROOT	= 1u << 17,
	ISOLATES_FILE_GETATTR	= 1u << 18,	/* stat() */
	ISOLATES_FILE_SETXATTR	= 1u << 19,	/* or remove; ACLs too */
	ISOLATES_FILE_IOCTL	= 1u << 20,
	ISOLATES_FILE_OPS	= (1u << 21) - 1,
};

/*
 * Those that every policy leaves open: what AppArmor does not mediate, or always
 * allows. Only a rule that names them denies or audits them.
 */
#define ISOLATES_FILE_ALWAYS_OPEN	(ISOLATES_FILE_GETATTR | ISOLATES_FILE_IOCTL)

enum isolates_signal_op {
	ISOLATES_SIGNAL_SEND	= 1u << 0,
	ISOLATES_SIGNAL_RECEIVE	= 1u << 1,
	ISOLATES_SIGNAL_OPS	= (1u << 2) - 1,
};

/* Operations on sockets, of the network class and of the unix class alike. */
enum isolates_network_op {
	ISOLATES_NETWORK_CREATE	  = 1u << 0,
	ISOLATES_NETWORK_BIND	  = 1u << 1,
	ISOLATES_NETWORK_CONNECT  = 1u << 2,
	ISOLATES_NETWORK_LISTEN	  = 1u << 3,
	ISOLATES_NETWORK_ACCEPT	  = 1u << 4,
	ISOLATES_NETWORK_SEND	  = 1u << 5,
	ISOLATES_NETWORK_RECEIVE  = 1u << 6,
	ISOLATES_NETWORK_SHUTDOWN = 1u << 7,
	ISOLATES_NETWORK_GETATTR  = 1u << 8,	/* its addresses */
	ISOLATES_NETWORK_SETATTR  = 1u << 9,
	ISOLATES_NETWORK_GETOPT	  = 1u << 10,
	ISOLATES_NETWORK_SETOPT	  = 1u << 11,
	ISOLATES_NETWORK_OPS	  = (1u << 12) - 1,
};

/* Those that have a peer; all others but CREATE have a local end alone. */
#define ISOLATES_NETWORK_PEER_OPS					\
	(ISOLATES_NETWORK_CONNECT | ISOLATES_NETWORK_ACCEPT |		\
	 ISOLATES_NETWORK_SEND | ISOLATES_NETWORK_RECEIVE)

/* What changes the mount tree, and with it the names that file rules speak of. */
enum isolates_mount_op {
	ISOLATES_MOUNT_MOUNT	  = 1u << 0,	/* a new file system */
	ISOLATES_MOUNT_UMOUNT	  = 1u << 1,
	ISOLATES_MOUNT_PIVOT_ROOT = 1u << 2,
	ISOLATES_MOUNT_BIND	  = 1u << 3,
	ISOLATES_MOUNT_MOVE	  = 1u << 4,
	ISOLATES_MOUNT_REMOUNT	  = 1u << 5,
	ISOLATES_MOUNT_PROPAGATE  = 1u << 6,	/* make-shared and its like */
	ISOLATES_MOUNT_OPS	  = (1u << 7) - 1,
};

enum isolates_capability_op {
	ISOLATES_CAPABILITY_USE	  = 1u << 0,
	ISOLATES_CAPABILITY_OPS	  = (1u << 1) - 1,
};

/* Capabilities there are: CAP_LAST_CAP + 1 of Linux 6.12. */
#define ISOLATES_CAPABILITIES	41u

enum isolates_ptrace_op {
	ISOLATES_PTRACE_TRACE	  = 1u << 0,
	ISOLATES_PTRACE_READ	  = 1u << 1,
	ISOLATES_PTRACE_TRACEDBY  = 1u << 2,
	ISOLATES_PTRACE_READBY	  = 1u << 3,
	ISOLATES_PTRACE_OPS	  = (1u << 4) - 1,
};

enum isolates_namespace_op {
	ISOLATES_NAMESPACE_CREATE = 1u << 0,
	ISOLATES_NAMESPACE_ENTER  = 1u << 1,
	ISOLATES_NAMESPACE_OPS	  = (1u << 2) - 1,
};

enum isolates_io_uring_op {
	ISOLATES_IO_URING_SQPOLL	 = 1u << 0,
	ISOLATES_IO_URING_OVERRIDE_CREDS = 1u << 1,
	ISOLATES_IO_URING_CMD		 = 1u << 2,
	ISOLATES_IO_URING_OPS		 = (1u << 3) - 1,
};

/* A change of policy that the task asks for itself. */
enum isolates_change_profile_op {
	ISOLATES_CHANGE_PROFILE_NOW	= 1u << 0,
	ISOLATES_CHANGE_PROFILE_ONEXEC	= 1u << 1,
	ISOLATES_CHANGE_PROFILE_OPS	= (1u << 2) - 1,
};

enum isolates_link_op {
	ISOLATES_LINK_LINK	= 1u << 0,
	/* The new name may grant more than the file's. */
	ISOLATES_LINK_MORE	= 1u << 1,
	ISOLATES_LINK_OPS	= (1u << 2) - 1,
};

enum isolates_attach_op {
	ISOLATES_ATTACH_ATTACH	= 1u << 0,
	ISOLATES_ATTACH_OPS	= (1u << 1) - 1,
};

/* All operations of a class. In a switch the compiler sees a class that is missing. */
static inline __u32 isolates_class_operations(__u32 class_id)
{
	switch ((enum isolates_class)class_id) {
	case ISOLATES_CLASS_FILE:
		return ISOLATES_FILE_OPS;
	case ISOLATES_CLASS_SIGNAL:
		return ISOLATES_SIGNAL_OPS;
	case ISOLATES_CLASS_NETWORK:
		return ISOLATES_NETWORK_OPS;
	case ISOLATES_CLASS_MOUNT:
		return ISOLATES_MOUNT_OPS;
	case ISOLATES_CLASS_CAPABILITY:
		return ISOLATES_CAPABILITY_OPS;
	case ISOLATES_CLASS_PTRACE:
		return ISOLATES_PTRACE_OPS;
	case ISOLATES_CLASS_NAMESPACE:
		return ISOLATES_NAMESPACE_OPS;
	case ISOLATES_CLASS_IO_URING:
		return ISOLATES_IO_URING_OPS;
	case ISOLATES_CLASS_UNIX:
		return ISOLATES_NETWORK_OPS;
	case ISOLATES_CLASS_CHANGE_PROFILE:
		return ISOLATES_CHANGE_PROFILE_OPS;
	case ISOLATES_CLASS_LINK:
		return ISOLATES_LINK_OPS;
	case ISOLATES_CLASS_ATTACH:
		return ISOLATES_ATTACH_OPS;
	case ISOLATES_CLASS_COUNT:
		break;
	}
	return 0;
}

enum isolates_mode {
	ISOLATES_MODE_ENFORCE,
	ISOLATES_MODE_COMPLAIN,	/* allow, and report what would be denied */
	ISOLATES_MODE_KILL,	/* kill whoever violates it */
	ISOLATES_MODE_DISABLED,	/* allow everything, and report nothing */
	ISOLATES_MODE_COUNT
};

/* How one class of one policy is decided. */
struct isolates_class_rules {
	/*
	 * Operations allowed where no rule speaks; of files ISOLATES_FILE_ALWAYS_OPEN at
	 * least.
	 */
	__u32 open;
	struct isolates_range automata;	/* walked side by side, results united */
};

struct isolates_policy {
	struct isolates_string name;	/* 1..ISOLATES_NAME_MAX bytes, unique */
	__u32 mode;			/* enum isolates_mode */
	/*
	 * How many bytes of a program's path its attachment says literally before
	 * the first wildcard, at least: of several policies that attach to one
	 * program, the one with the longest counts. 0 if it has none.
	 */
	__u32 attach_prefix;
	struct isolates_range perms;	/* what its states refer to */
	struct isolates_range transitions;	/* what its perms refer to */
	struct isolates_range syscalls;	/* sorted by name, and then as written */
	struct isolates_range rlimits;	/* sorted by resource, each once */
	struct isolates_range bindings;
	struct isolates_range rules;	/* debug: where its rules stand */
	struct isolates_class_rules classes[ISOLATES_CLASS_COUNT];
};

/*
 * A deterministic automaton. State 0 is the dead state: a sink that accepts
 * nothing. State numbers in it are relative to its first state.
 */
struct isolates_automaton {
	struct isolates_range states;	/* at least the dead state */
	struct isolates_range edges;	/* of all its states, in state order */
	__u32 start;
	__u32 byte_classes;		/* how many classes; 0: no dense state */
	__u32 byte_classes_map;		/* index, if there are any; else 0 */
};

enum isolates_state_kind {
	/* No further byte changes anything: the walk may stop. No edges. */
	ISOLATES_STATE_SINK,
	/*
	 * A run of 1..255 bytes with one way on. edges[0] is the state behind
	 * the last byte, then the bytes, four to a word, zero padded. Any other
	 * byte, wherever in the run, leads to "otherwise"; input that ends
	 * inside the run is in this state.
	 */
	ISOLATES_STATE_STRING,
	/*
	 * 1..255 bytes with an edge each: the bytes, ascending, four to a word
	 * and padded with zero to a multiple of eight bytes, then a target for
	 * each. All others lead to "otherwise".
	 */
	ISOLATES_STATE_SPARSE,
	/* A target for each class of byte. "otherwise" is 0, count is 0. */
	ISOLATES_STATE_DENSE,
	ISOLATES_STATE_KINDS
};

struct isolates_state {
	__u32 perms;		/* if the input ends here; relative, 0 is none */
	__u32 edges;		/* first edge word, relative to the automaton */
	__u32 otherwise;	/* target of the bytes without an edge */
	__u8  kind;		/* enum isolates_state_kind */
	__u8  count;		/* STRING: bytes, SPARSE: edges, else 0 */
	__u16 reserved;		/* zero */
};

struct isolates_byte_classes {
	__u8 of[256];
};

/* Whose object: the index of the permission pairs below. */
#define ISOLATES_OTHER	0
#define ISOLATES_OWNER	1

/*
 * What the rules that meet in an accepting state say together. A denied
 * operation is denied whatever is allowed. Entry 0 of each policy is all zero.
 */
struct isolates_perms {
	__u32 allow[2];
	__u32 deny[2];
	__u32 audit[2];			/* report even if allowed, or quiet */
	__u32 quiet[2];			/* do not report if denied */
	struct isolates_range errors;	/* errnos of deny rules, in their order */
	/* Debug: refs of the deny and audit rules that meet here, ascending. */
	struct isolates_range rules;
	/*
	 * Where an allowed ISOLATES_FILE_EXEC leads: one of the policy's
	 * transitions, counted from 1; 0: the program stays under this policy.
	 */
	__u32 exec[2];
};

/*
 * The errno that a deny rule gives. Several automata may deny one operation,
 * so each errno has its rule's place in the policy: the first rule counts.
 */
struct isolates_error {
	__u32 operations[2];
	__u32 error;		/* 1..ISOLATES_ERRNO_MAX */
	__u32 order;		/* ascending within one isolates_perms */
};

enum isolates_transition_kind {
	ISOLATES_TRANSITION_UNCONFINED,	/* the program is under no policy */
	/* The policy "target", or of all that attach to the program the closest. */
	ISOLATES_TRANSITION_POLICY,
	/* The same, of this policy's children ("NAME//CHILD") only. */
	ISOLATES_TRANSITION_CHILD,
	ISOLATES_TRANSITION_COUNT
};

/* What an exec does if there is no such policy. */
enum isolates_fallback {
	ISOLATES_FALLBACK_DENY,
	ISOLATES_FALLBACK_STAY,		/* under this policy */
	ISOLATES_FALLBACK_UNCONFINED,
	ISOLATES_FALLBACK_COUNT
};

enum isolates_transition_flag {
	/* The program starts with AT_SECURE: its loader scrubs the environment. */
	ISOLATES_TRANSITION_SCRUB	= 1u << 0,
};

/* What becomes of the policy at an exec. */
struct isolates_transition {
	struct isolates_string target;	/* a policy's full name, or empty */
	__u32 kind;			/* enum isolates_transition_kind */
	__u32 fallback;			/* enum isolates_fallback */
	__u32 flags;			/* ISOLATES_TRANSITION_SCRUB */
	__u32 reserved;			/* zero */
};

#define ISOLATES_ERRNO_MAX	133u	/* EHWPOISON, the last one of x86 */

enum isolates_syscall_action {
	ISOLATES_SYSCALL_DENY,
	ISOLATES_SYSCALL_ALLOW,		/* and with it, what no rule allows is denied */
	ISOLATES_SYSCALL_AUDIT,		/* neither: only tell */
	ISOLATES_SYSCALL_ACTIONS
};

enum isolates_syscall_flag {
	ISOLATES_SYSCALL_REPORT		= 1u << 0,	/* even if allowed, or quiet */
	ISOLATES_SYSCALL_QUIET		= 1u << 1,	/* do not report if denied */
	/* Named by a group: a kernel without the call has no use for the rule. */
	ISOLATES_SYSCALL_GROUPED	= 1u << 2,
	ISOLATES_SYSCALL_FLAGS		= (1u << 3) - 1,
};

/* A rule on a system call, by the call's name in the kernel's syscall tables. */
struct isolates_syscall {
	struct isolates_string name;
	__u32 action;		/* enum isolates_syscall_action */
	__u32 flags;
	__u32 error;		/* up to ISOLATES_ERRNO_MAX; 0: none, or no deny rule */
	struct isolates_range arguments;	/* all must hold */
	__u32 rule;		/* debug: relative to the policy's rules, or none */
};

#define ISOLATES_ARGUMENTS	6u	/* that a system call has at most */

enum isolates_comparison {
	ISOLATES_COMPARE_EQUAL,
	ISOLATES_COMPARE_UNEQUAL,
	ISOLATES_COMPARE_LESS,
	ISOLATES_COMPARE_LESS_EQUAL,
	ISOLATES_COMPARE_GREATER,
	ISOLATES_COMPARE_GREATER_EQUAL,
	ISOLATES_COMPARISONS
};

/*
 * A condition on an argument that is a number: those of its bits that @mask has,
 * unsigned, compared with @value. Of an int the mask has 32 bits at most, since the
 * kernel does not look at what is above them.
 */
struct isolates_argument {
	__u32 index;		/* below ISOLATES_ARGUMENTS */
	__u32 comparison;	/* enum isolates_comparison */
	__u64 mask;		/* not zero */
	__u64 value;		/* has no bit that the mask has not */
};

#define ISOLATES_RLIMITS		16u	/* RLIM_NLIMITS */
#define ISOLATES_RLIMIT_INFINITY	(~0ull)

/* The most of a resource that a task may have once it is under the policy. */
struct isolates_rlimit {
	__u32 resource;		/* RLIMIT_*, below ISOLATES_RLIMITS */
	__u32 rule;		/* debug: relative to the policy's rules, or none */
	__u64 limit;		/* as setrlimit(2) counts it */
};

/* "No rule": what a stripped blob has in place of one. */
#define ISOLATES_RULE_NONE	0xffffffffu

/* The eight kinds of namespace, in the order of their names. */
enum isolates_namespace {
	ISOLATES_NAMESPACE_CGROUP,
	ISOLATES_NAMESPACE_IPC,
	ISOLATES_NAMESPACE_MNT,
	ISOLATES_NAMESPACE_NET,
	ISOLATES_NAMESPACE_PID,
	ISOLATES_NAMESPACE_TIME,
	ISOLATES_NAMESPACE_USER,
	ISOLATES_NAMESPACE_UTS,
	ISOLATES_NAMESPACE_COUNT
};

enum isolates_where {
	ISOLATES_WHERE_PATH,	/* "where" names an nsfs file */
	ISOLATES_WHERE_NUMBER,	/* "number" is the namespace's inode number */
	ISOLATES_WHERE_PID,	/* "number" is a process that lives in it */
	ISOLATES_WHERE_COUNT
};

enum isolates_binding_flag {
	/* Pending: it takes hold of a task at the task's next exec. */
	ISOLATES_BINDING_ON_EXEC	= 1u << 0,
	ISOLATES_BINDING_FLAGS		= (1u << 1) - 1,
};

/* A bind rule. The kernel keeps it for "show"; ipolc opens and binds it. */
struct isolates_binding {
	__u32 kind;			/* enum isolates_namespace */
	__u32 where;			/* enum isolates_where */
	struct isolates_string path;	/* empty unless ISOLATES_WHERE_PATH */
	__u32 number;			/* zero if ISOLATES_WHERE_PATH */
	__u32 flags;			/* enum isolates_binding_flag */
	__u32 rule;			/* debug: relative to the policy's rules, or none */
};

/*
 * Debug: where a rule stands, lines and columns counting from 1, and what it
 * denies and audits of the objects it matches. So of several rules that meet in
 * a state, the one that denied an operation can be told.
 */
struct isolates_rule {
	__u32 source;			/* index into the sources */
	__u32 line;
	__u32 column;
	__u32 deny[2];
	__u32 audit[2];
};

/*
 * A rule on files may be one on pairs of them, too. Those operations stand above the
 * files' in its masks.
 */
#define ISOLATES_RULE_LINK_SHIFT	21u

static_assert(!(ISOLATES_LINK_OPS << ISOLATES_RULE_LINK_SHIFT & ISOLATES_FILE_OPS));

/* Operations of a class as the masks of rules have them. */
static inline __u32 isolates_rule_operations(__u32 class_id, __u32 operations)
{
	return class_id == ISOLATES_CLASS_LINK ?
	       operations << ISOLATES_RULE_LINK_SHIFT : operations;
}

/* Debug: one file the blob's policies were compiled from. */
struct isolates_source {
	struct isolates_string name;
	struct isolates_string text;
};

static_assert(sizeof(struct isolates_header) ==
	      24 + 4 * ISOLATES_SECTION_COUNT + 4 * (2 - ISOLATES_SECTION_COUNT % 2));
static_assert(sizeof(struct isolates_header) % 8 == 0);
static_assert(sizeof(struct isolates_class_rules) == 12);
static_assert(sizeof(struct isolates_policy) == 64 + 12 * ISOLATES_CLASS_COUNT);
static_assert(sizeof(struct isolates_automaton) == 28);
static_assert(sizeof(struct isolates_state) == 16);
static_assert(sizeof(struct isolates_byte_classes) == 256);
static_assert(sizeof(struct isolates_perms) == 56);
static_assert(sizeof(struct isolates_transition) == 24);
static_assert(sizeof(struct isolates_error) == 16);
static_assert(sizeof(struct isolates_syscall) == 32);
static_assert(sizeof(struct isolates_argument) == 24);
static_assert(sizeof(struct isolates_rlimit) == 16);
static_assert(sizeof(struct isolates_binding) == 28);
static_assert(sizeof(struct isolates_rule) == 28);
static_assert(sizeof(struct isolates_source) == 16);

#endif /* ISOLATES_CORE_BLOB_H */
