//! The engine without Python: codes as the library's compiler writes them.

use super::chars::Unit;
use super::codes::op;
use super::machine::{Machine, Scratch};
use super::translate::{Refusal, translate};

fn search<U: Unit>(code: &[u32], groups: u32, text: &[U]) -> Option<(usize, usize)> {
    let program = translate(code, groups).expect("sound code");
    let mut scratch = Scratch::default();
    let mut machine = Machine::new(&program, text, &mut scratch);
    let start = machine.search(0).expect("nothing is raised")?;
    Some((start, machine.end))
}

const STAR: u32 = u32::MAX;

#[test]
fn literals_and_repeats() {
    // ab*c
    let code = [op::LITERAL, 97, op::REPEAT_ONE, 6, 0, STAR, op::LITERAL, 98, op::SUCCESS, op::LITERAL, 99, op::SUCCESS];
    assert_eq!(search(&code, 0, b"xxabbbc"), Some((2, 7)));
    assert_eq!(search(&code, 0, &[97u16, 99]), Some((0, 2)));
    assert_eq!(search(&code, 0, &[97u32, 98, 98]), None);
}

#[test]
fn greedy_loops_give_back() {
    // (?:ab|a)*b
    let code = [
        op::REPEAT,
        16,
        0,
        STAR,
        op::BRANCH,
        7,
        op::LITERAL,
        97,
        op::LITERAL,
        98,
        op::JUMP,
        7,
        5,
        op::LITERAL,
        97,
        op::JUMP,
        2,
        0,
        op::MAX_UNTIL,
        op::LITERAL,
        98,
        op::SUCCESS,
    ];
    let code: Vec<u32> = {
        let mut code = code.to_vec();
        code[1] = 17;
        code
    };
    assert_eq!(search(&code, 0, b"abab"), Some((0, 4)));
}

#[test]
fn refuses_malformed_code() {
    for code in [
        &[][..],
        &[op::LITERAL],
        &[op::MARK, 0, op::SUCCESS],
        &[op::IN, 3, 9, 9, op::SUCCESS],
        &[op::JUMP, 1, op::SUCCESS],
        &[op::REPEAT, 200, 0, 1, op::SUCCESS],
        &[op::AT, 99, op::SUCCESS],
        &[43, op::SUCCESS],
    ] {
        assert_eq!(translate(code, 0).err(), Some(Refusal::Invalid), "{code:?}");
    }
}
