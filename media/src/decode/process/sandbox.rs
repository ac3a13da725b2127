//! What the decoder gives up before it looks at the first byte: files, sockets, other processes, most of the system's calls.

use super::Sandboxed;

/// The memory that decoders may take beside what the program has at its start, in bytes: sixteen cameras and a screen of the
/// largest size.
const MEMORY: u64 = 1 << 30;

/// Gives everything up. Whatever the system refuses, the rest is done all the same, and the answer is [`Sandboxed::Partly`].
pub(super) fn enter() -> Sandboxed {
    let steps = [hide(), limit_resources(), close_others(), forbid_files(), filter_calls()];
    if steps.iter().all(|done| *done) { Sandboxed::Yes } else { Sandboxed::Partly }
}

/// Nobody may look into it or take more rights from it, and its end leaves no memory behind.
fn hide() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // It does not outlive the program, whatever ends that.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)).is_ok()
        && set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
        && rustix::thread::set_no_new_privs(true).is_ok()
}

fn limit_resources() -> bool {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages: Option<u64> = pages.and_then(|pages| pages.split(' ').next()?.parse().ok());
    let had = pages.unwrap_or(0).saturating_mul(rustix::param::page_size() as u64);
    [
        (Resource::As, had.saturating_add(MEMORY)),
        // A picture is the largest file it may write.
        (Resource::Fsize, super::parent::MAX_PICTURE),
        (Resource::Nproc, 0),
        (Resource::Core, 0),
    ]
    .map(|(resource, most)| {
        let most = getrlimit(resource).maximum.map_or(most, |maximum| most.min(maximum));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).is_ok()
    })
    .iter()
    .all(|done| *done)
}

/// Closes everything but the socket, the memory and the standard error, which leads nowhere.
fn close_others() -> bool {
    // SAFETY: this process was started to be a decoder and has opened nothing yet that anything here still owns.
    unsafe { libc::close_range(3, libc::c_uint::MAX, 0) == 0 }
}

/// No file is opened any more, no TCP socket, and no signal or abstract socket reaches another process (Landlock).
fn forbid_files() -> bool {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
    let none = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    };
    // An older kernel knows fewer rights; the filter of calls refuses all of them anyway.
    none().is_ok_and(|status: landlock::RestrictionStatus| status.ruleset != RulesetStatus::NotEnforced)
}

/// Any other call ends the process (seccomp-bpf): it reads its socket, writes the memory, and has its memory managed.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn filter_calls() -> bool {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    use std::collections::BTreeMap;

    use rustix::process::{Resource, Rlimit, setrlimit};
    // From here on nothing needs another file.
    let files = setrlimit(Resource::Nofile, Rlimit { current: Some(0), maximum: Some(0) }).is_ok();
    let filter = || {
        let rules: BTreeMap<_, _> = rules().ok()?.into_iter().collect();
        let arch = std::env::consts::ARCH.try_into().ok()?;
        SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch).ok()?.try_into().ok()
    };
    let program: Option<BpfProgram> = filter();
    files && program.is_some_and(|program| seccompiler::apply_filter(&program).is_ok())
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn filter_calls() -> bool {
    false
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Rules = Vec<(i64, Vec<seccompiler::SeccompRule>)>;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn rules() -> Result<Rules, seccompiler::BackendError> {
    use seccompiler::{SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition, SeccompRule};
    let is = |argument, value: i32| SeccompCondition::new(argument, Dword, SeccompCmpOp::Eq, value as u64);
    let masked = |argument, mask: i32, value: i32| {
        SeccompCondition::new(argument, Dword, SeccompCmpOp::MaskedEq(mask as u64), value as u64)
    };
    let rule = |conditions| Ok(vec![SeccompRule::new(conditions)?]);
    let (socket, memory) = (0, 1);
    let no_code = |argument| masked(argument, libc::PROT_EXEC, 0);
    let mut rules = vec![
        (libc::SYS_read, rule(vec![is(0, socket)?])?),
        (libc::SYS_write, rule(vec![is(0, socket)?])?),
        (libc::SYS_pwritev, rule(vec![is(0, memory)?])?),
        // Memory of its own, never with code in it.
        (libc::SYS_mmap, rule(vec![no_code(2)?, masked(3, libc::MAP_ANONYMOUS, libc::MAP_ANONYMOUS)?])?),
        (libc::SYS_mprotect, rule(vec![no_code(2)?])?),
    ];
    for call in [
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_clock_gettime,
        // The codec asks how many processors there are.
        libc::SYS_sched_getaffinity,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_sigaltstack,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ] {
        rules.push((call, Vec::new()));
    }
    Ok(rules)
}
