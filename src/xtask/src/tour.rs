//! The first look: builds `protopy` and runs `docs/tour/tour.py`.

use crate::Outcome;
use crate::flags::Flags;
use crate::house::{self, House};
use std::process::Command;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    println!("protopy is {}\n", house.shown(&python));
    house::run(Command::new(&python).arg(house.path("docs/tour/tour.py")), "the tour")
}
