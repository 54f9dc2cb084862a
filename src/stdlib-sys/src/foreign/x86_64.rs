//! Calls and callbacks by the System V convention of x86-64: a few lines of assembly that fill and save the registers, and pages of
//! entries for functions that C calls. Must not know: what the words mean, who answers a callback.

use super::kinds::{Answered, Part, Returned};
use std::arch::naked_asm;
use std::ffi::c_void;
use std::sync::Mutex;

const INTEGERS: usize = 6;
const FLOATS: usize = 8;

/// What the registers hold at a call's begin. The assembly knows the layout.
#[repr(C)]
#[derive(Default)]
struct Registers {
    integers: [u64; INTEGERS],
    floats: [u64; FLOATS],
}

/// What they hold at its end. The assembly knows the layout.
#[repr(C)]
#[derive(Default)]
struct Results {
    integers: [u64; 2],
    floats: [u64; 2],
    extended: [u64; 2],
    /// Whether the result is an extended float, which lies on a stack of its own.
    wants_extended: u64,
}

/// Calls `function` with the registers filled and `count` words of `stack` on the stack.
#[unsafe(naked)]
unsafe extern "C" fn enter_c(
    registers: *const Registers,
    stack: *const u64,
    count: usize,
    function: *const c_void,
    results: *mut Results,
) {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "push rbx",
        "push r12",
        "mov rbx, r8",
        "mov r12, rdi",
        "mov r11, rcx",
        // The words of the stack, which stays on a multiple of 16.
        "lea rax, [rdx*8 + 15]",
        "and rax, -16",
        "sub rsp, rax",
        "mov rdi, rsp",
        "mov rcx, rdx",
        "cld",
        "rep movsq",
        "movsd xmm0, [r12 + 48]",
        "movsd xmm1, [r12 + 56]",
        "movsd xmm2, [r12 + 64]",
        "movsd xmm3, [r12 + 72]",
        "movsd xmm4, [r12 + 80]",
        "movsd xmm5, [r12 + 88]",
        "movsd xmm6, [r12 + 96]",
        "movsd xmm7, [r12 + 104]",
        "mov rdi, [r12]",
        "mov rsi, [r12 + 8]",
        "mov rdx, [r12 + 16]",
        "mov rcx, [r12 + 24]",
        "mov r8, [r12 + 32]",
        "mov r9, [r12 + 40]",
        // Variadic functions are told how many float registers are in use; more does no harm.
        "mov eax, 8",
        "call r11",
        "mov [rbx], rax",
        "mov [rbx + 8], rdx",
        "movsd [rbx + 16], xmm0",
        "movsd [rbx + 24], xmm1",
        "cmp qword ptr [rbx + 48], 0",
        "je 2f",
        "fstp tbyte ptr [rbx + 32]",
        "2:",
        "lea rsp, [rbp - 16]",
        "pop r12",
        "pop rbx",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}

/// Where each word of a call goes.
pub struct Frame {
    registers: Registers,
    stack: Vec<u64>,
}

impl Frame {
    /// None: the machine cannot do it (which does not happen here).
    pub fn arrange(parts: &[Part], words: &[u64]) -> Option<Frame> {
        let mut frame = Frame { registers: Registers::default(), stack: Vec::new() };
        let (mut integers, mut floats) = (0, 0);
        let mut rest = words;
        for part in parts {
            let (own, after) = rest.split_at_checked(part.words())?;
            rest = after;
            let which: &[bool] = match part {
                Part::Integer => &[false],
                Part::Float => &[true],
                Part::Registers(which) => which,
                Part::Memory { is_aligned, .. } => {
                    if *is_aligned && frame.stack.len() % 2 == 1 {
                        frame.stack.push(0);
                    }
                    frame.stack.extend_from_slice(own);
                    continue;
                }
            };
            let needs_floats = which.iter().filter(|is_float| **is_float).count();
            let needs_integers = which.len() - needs_floats;
            if integers + needs_integers > INTEGERS || floats + needs_floats > FLOATS {
                frame.stack.extend_from_slice(own);
                continue;
            }
            for (word, is_float) in own.iter().zip(which) {
                if *is_float {
                    frame.registers.floats[floats] = *word;
                    floats += 1;
                } else {
                    frame.registers.integers[integers] = *word;
                    integers += 1;
                }
            }
        }
        Some(frame)
    }

    /// The words of the result.
    ///
    /// # Safety
    /// A function is at the address, takes what was arranged, and returns what is said.
    pub unsafe fn call(&self, address: *const c_void, returned: &Returned) -> Option<[u64; 2]> {
        let mut results = Results { wants_extended: u64::from(*returned == Returned::Extended), ..Results::default() };
        // SAFETY: as the caller says; the assembly reads and writes what it is given.
        unsafe { enter_c(&self.registers, self.stack.as_ptr(), self.stack.len(), address, &mut results) };
        Some(match returned {
            Returned::Integer => [results.integers[0], 0],
            Returned::Single | Returned::Double => [results.floats[0], 0],
            Returned::Extended => [results.extended[0], results.extended[1] & 0xffff],
            Returned::Registers(which) => {
                let (mut integers, mut floats) = (results.integers.iter(), results.floats.iter());
                let mut words = [0; 2];
                for (word, is_float) in words.iter_mut().zip(which) {
                    *word = *if *is_float { floats.next() } else { integers.next() }.unwrap_or(&0);
                }
                words
            }
        })
    }
}

/// Words of a call that came in, in the order of its arguments.
pub fn incoming(parts: &[Part], call: &Incoming) -> Vec<u64> {
    // SAFETY: the assembly below saved the registers there.
    let registers = unsafe { &*call.registers };
    let (mut integers, mut floats, mut stack) = (0, 0, 0);
    let mut words = Vec::new();
    // SAFETY: the caller put as many words on the stack as its signature has, which is what `parts` says.
    let on_stack = |index: usize| unsafe { call.stack.add(index).read() };
    for part in parts {
        let which: &[bool] = match part {
            Part::Integer => &[false],
            Part::Float => &[true],
            Part::Registers(which) => which,
            Part::Memory { words: count, is_aligned } => {
                stack += usize::from(*is_aligned && stack % 2 == 1);
                words.extend((stack..stack + count).map(on_stack));
                stack += count;
                continue;
            }
        };
        let needs_floats = which.iter().filter(|is_float| **is_float).count();
        let needs_integers = which.len() - needs_floats;
        if integers + needs_integers > INTEGERS || floats + needs_floats > FLOATS {
            words.extend((stack..stack + which.len()).map(on_stack));
            stack += which.len();
            continue;
        }
        for is_float in which {
            if *is_float {
                words.push(registers.floats[floats]);
                floats += 1;
            } else {
                words.push(registers.integers[integers]);
                integers += 1;
            }
        }
    }
    words
}

/// A call that came in.
pub struct Incoming {
    registers: *const Registers,
    stack: *const u64,
}

/// Answers the call of an entry.
pub type Answer = fn(usize, &Incoming) -> Answered;

/// What the assembly of an entry calls.
unsafe extern "C" fn answer_call(slot: *const Slot, registers: *const Registers, stack: *const u64, results: *mut [u64; 5]) {
    // SAFETY: the slot of the entry that was called; the assembly's own frame.
    unsafe {
        *results = match ((*slot).answer)((*slot).number, &Incoming { registers, stack }) {
            Answered::Integer(word) => [word, 0, 0, 0, 0],
            Answered::Float(word) => [0, word, 0, 0, 0],
            Answered::Extended([low, high]) => [0, 0, low, high, 1],
        };
    }
}

/// Saves the registers of a call, lets `answer_call` answer it. r10 has the address of the entry's slot.
#[unsafe(naked)]
unsafe extern "C" fn enter_rust() {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "sub rsp, 160",
        "mov [rsp], rdi",
        "mov [rsp + 8], rsi",
        "mov [rsp + 16], rdx",
        "mov [rsp + 24], rcx",
        "mov [rsp + 32], r8",
        "mov [rsp + 40], r9",
        "movsd [rsp + 48], xmm0",
        "movsd [rsp + 56], xmm1",
        "movsd [rsp + 64], xmm2",
        "movsd [rsp + 72], xmm3",
        "movsd [rsp + 80], xmm4",
        "movsd [rsp + 88], xmm5",
        "movsd [rsp + 96], xmm6",
        "movsd [rsp + 104], xmm7",
        "mov rdi, r10",
        "mov rsi, rsp",
        "lea rdx, [rbp + 16]",
        "lea rcx, [rsp + 112]",
        "call {answer}",
        "mov rax, [rsp + 112]",
        "movsd xmm0, [rsp + 120]",
        "cmp qword ptr [rsp + 144], 0",
        "je 2f",
        "fld tbyte ptr [rsp + 128]",
        "2:",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        answer = sym answer_call,
    )
}

/// Entries lie in a page of code, each with its slot in the page of data behind it, at the same distance.
const PAGE: usize = 4096;
const ENTRY: usize = 32;
const ENTRIES: usize = PAGE / ENTRY;

#[repr(C)]
struct Slot {
    target: unsafe extern "C" fn(),
    answer: Answer,
    number: usize,
}
const _: () = assert!(size_of::<Slot>() <= ENTRY);

/// Pages of entries, by number; they stay for ever.
static PAGES: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// The address that C calls for entry `number`. None: the system gives no memory that can be run.
pub fn entry(number: usize, answer: Answer) -> Option<usize> {
    let mut pages = PAGES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    while pages.len() <= number / ENTRIES {
        pages.push(make_page()?);
    }
    let address = pages[number / ENTRIES] + number % ENTRIES * ENTRY;
    // SAFETY: the slot of this entry in the page of data; its number belongs to the caller alone.
    unsafe { ((address + PAGE) as *mut Slot).write(Slot { target: enter_rust, answer, number }) };
    Some(address)
}

fn make_page() -> Option<usize> {
    // lea r10, [rip + PAGE - 7]; jmp [r10]
    let mut code = [0xccu8; ENTRY];
    code[..3].copy_from_slice(&[0x4c, 0x8d, 0x15]);
    code[3..7].copy_from_slice(&(PAGE as u32 - 7).to_le_bytes());
    code[7..10].copy_from_slice(&[0x41, 0xff, 0x22]);
    // SAFETY: fresh memory, written before it can be run, never writable and executable at once.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let page = libc::mmap(std::ptr::null_mut(), 2 * PAGE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if page == libc::MAP_FAILED {
            return None;
        }
        for index in 0..ENTRIES {
            std::ptr::copy_nonoverlapping(code.as_ptr(), (page as *mut u8).add(index * ENTRY), ENTRY);
        }
        if libc::mprotect(page, PAGE, libc::PROT_READ | libc::PROT_EXEC) != 0 {
            libc::munmap(page, 2 * PAGE);
            return None;
        }
        Some(page as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{parts, returned};
    use super::*;

    #[repr(C)]
    struct Pair {
        a: i64,
        b: f64,
    }
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Large {
        words: [i64; 3],
    }
    #[allow(clippy::too_many_arguments, reason = "as many as registers, and more")]
    extern "C" fn mixed(a: u64, x: f64, pair: Pair, large: Large, b: i32, y: f32, c: u8, d: u64, last: Pair, z: f64) -> f64 {
        let large: i64 = large.words.iter().sum();
        a as f64
            + x
            + pair.a as f64
            + pair.b
            + large as f64
            + f64::from(b)
            + f64::from(y)
            + f64::from(c)
            + d as f64
            + 1000.0 * last.a as f64
            + 100.0 * last.b
            + z
    }
    extern "C" fn swapped(pair: Pair) -> Pair {
        Pair { a: pair.b as i64, b: pair.a as f64 }
    }

    #[test]
    fn words_reach_their_registers_both_ways() {
        let float = f64::to_bits;
        let single = f32::to_bits(0.25).into();
        let words = [1, float(0.5), 2, float(3.0), 10, 20, 30, -2i64 as u64, single, 3, 4, 5, float(6.0), float(0.125)];
        let parts = parts(b"id(id)[mmm]idii(id)d").unwrap();
        let frame = Frame::arrange(&parts, &words).unwrap();
        // SAFETY: functions with these parameters and this result.
        let result = |address: *const c_void| unsafe { frame.call(address, &Returned::Double) }.unwrap()[0];
        assert_eq!(f64::from_bits(result(mixed as *const c_void)), 5671.875);

        fn answer(number: usize, call: &Incoming) -> Answered {
            let parts = super::super::kinds::parts(b"id(id)[mmm]idii(id)d").unwrap();
            let words = incoming(&parts, call);
            assert_eq!((number, words.len(), words[0], words[7] as i32, words[11]), (130, 14, 1, -2, 5));
            Answered::Float(f64::to_bits(f64::from_bits(words[12]) + f64::from_bits(words[13])))
        }
        let address = entry(130, answer).unwrap();
        assert_eq!(f64::from_bits(result(address as *const c_void)), 6.125);

        let pair = Frame::arrange(&super::super::kinds::parts(b"(id)").unwrap(), &[7, float(9.0)]).unwrap();
        // SAFETY: as above.
        let words = unsafe { pair.call(swapped as *const c_void, &returned(b"(id)").unwrap()) };
        assert_eq!(words, Some([9, float(7.0)]));
    }
}
