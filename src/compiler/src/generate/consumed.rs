//! Calls that use up a generator expression: `any`, `all`, `tuple`, `list` and `set` of one. Where the name means the builtin, the loop runs
//! the generator itself and no native function stands between the two.
//!
//! Must not know: how other calls are made.

use bytecode::{Common, Op};
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use super::conditions::truth_jump;
use crate::error::Result;
use crate::symtable::{ComprehensionKind, Part};

/// What is made of the items.
#[derive(Clone, Copy)]
pub(super) enum Consumer {
    Any,
    All,
    Tuple,
    List,
    Set,
}

impl Consumer {
    fn common(self) -> Common {
        match self {
            Consumer::Any => Common::Any,
            Consumer::All => Common::All,
            Consumer::Tuple => Common::Tuple,
            Consumer::List => Common::List,
            Consumer::Set => Common::Set,
        }
    }

    /// Where tracebacks find the loop: CPython has one, too, for some of them.
    fn position(self, node: &ExprCall) -> TextRange {
        match self {
            Consumer::Any | Consumer::All | Consumer::Tuple => node.func.range(),
            Consumer::List | Consumer::Set => node.range(),
        }
    }
}

impl<'a> Generator<'a> {
    /// Whether the call is of that kind by its looks.
    pub(super) fn consumer(&self, node: &'a ExprCall) -> Option<Consumer> {
        let (Expr::Name(name), [Expr::Generator(generator)], []) =
            (&*node.func, &*node.arguments.args, &*node.arguments.keywords)
        else {
            return None;
        };
        let is_async = self.table.scope_of(generator, Part::Body).is_none_or(|scope| self.table.scopes[scope].coroutine);
        if is_async {
            return None;
        }
        match name.id.as_str() {
            "any" => Some(Consumer::Any),
            "all" => Some(Consumer::All),
            "tuple" => Some(Consumer::Tuple),
            "list" => Some(Consumer::List),
            "set" => Some(Consumer::Set),
            _ => None,
        }
    }

    /// r[base] = the result, of what is called in r[base] and the generator behind the window's header: by a loop, or by the call if it is
    /// something else.
    pub(super) fn consume(&mut self, base: u8, generator: u8, consumer: Consumer, node: &ExprCall) -> Result {
        let mark = self.mark();
        let item = self.temp()?;
        let builder = &mut self.unit.builder;
        let (called, done, body, next) = (builder.new_label(), builder.new_label(), builder.new_label(), builder.new_label());
        self.at(consumer.position(node));
        self.emit(Op::LoadCommon, item, 0, consumer.common() as u8);
        self.unit.builder.emit_jump(Op::JumpIfIsNot, base, item, 0, called);
        match consumer {
            Consumer::Any | Consumer::All => {
                let decisive = matches!(consumer, Consumer::Any);
                let decided = self.unit.builder.new_label();
                self.unit.builder.jump(next);
                self.unit.builder.bind(body);
                self.unit.builder.emit_jump(truth_jump(decisive), item, 0, 0, decided);
                self.unit.builder.bind(next);
                self.unit.builder.emit_jump(Op::ForIter, item, generator, 0, body);
                let load = |truth: bool| if truth { Op::LoadTrue } else { Op::LoadFalse };
                self.emit(load(!decisive), base, 0, 0);
                self.unit.builder.jump(done);
                self.unit.builder.bind(decided);
                self.emit(load(decisive), base, 0, 0);
            }
            Consumer::Tuple | Consumer::List | Consumer::Set => {
                let is_set = matches!(consumer, Consumer::Set);
                let items = self.temp()?;
                self.emit_empty(if is_set { ComprehensionKind::Set } else { ComprehensionKind::List }, items);
                self.unit.builder.jump(next);
                self.unit.builder.bind(body);
                self.emit(if is_set { Op::SetAdd } else { Op::ListAppend }, items, item, 0);
                self.unit.builder.bind(next);
                self.unit.builder.emit_jump(Op::ForIter, item, generator, 0, body);
                let finish = if matches!(consumer, Consumer::Tuple) { Op::ListToTuple } else { Op::Move };
                self.emit(finish, base, items, 0);
            }
        }
        self.unit.builder.jump(done);
        self.unit.builder.bind(called);
        self.at(node.range());
        self.emit_call(base, 1, &node.arguments, false);
        self.unit.builder.bind(done);
        self.release(mark);
        Ok(())
    }
}
