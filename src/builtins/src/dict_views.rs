//! The Python-visible skins of dict views and dict iterators.

use crate::pickling::reduce_to_iter;
use native_macros::native_class;
use objects::dict_views::{
    self as views, DictItemIter, DictItems, DictKeyIter, DictKeys, DictReverseItemIter, DictReverseKeyIter, DictReverseValueIter,
    DictValueIter, DictValues, Part, new_dict_iter,
};
use objects::error::R;
use objects::set::AnySet;
use objects::{CompareOp, Gc, Str, Value, class_name};

fn view_repr(view: Value, dict: Gc<objects::Dict>, part: Part) -> R<Gc<Str>> {
    let Some(_scope) = objects::containers::ReprScope::enter(view) else { return Ok(Str::new("...")) };
    let items = objects::list::list_repr(views::view_list(dict, part))?;
    let mut text = objects::containers::TextBuilder::new();
    text.push_str(&class_name(view));
    text.push_str("(");
    text.push(items);
    text.push_str(")");
    Ok(text.finish())
}

fn compare(op: CompareOp, view: Value, other: Value) -> R {
    Ok(match views::view_compare(op, view, other)? {
        Some(answer) => Value::bool(answer),
        None => Value::not_implemented(),
    })
}

fn value_of(set: R<AnySet>) -> R {
    Ok(set?.value())
}

fn mapping_of(dict: Gc<objects::Dict>) -> R {
    crate::mappingproxy::new_proxy(dict.value())
}

/// The skin of a view that is like a set. The attribute macros do not look into macro calls, so this one wraps the whole block.
macro_rules! set_like_view {
    ($skin:ident, $layout:ident, $python:tt, $part:expr) => {
        pub struct $skin;

        #[native_class(name = $python, layout = $layout, base = object, flags = "final no_new")]
        impl $skin {
            fn __repr__(this: Gc<$layout>) -> R<Gc<Str>> {
                view_repr(this.value(), this.core().dict(), $part)
            }
            fn __lt__(this: Gc<$layout>, other: Value) -> R {
                compare(CompareOp::Lt, this.value(), other)
            }
            fn __le__(this: Gc<$layout>, other: Value) -> R {
                compare(CompareOp::Le, this.value(), other)
            }
            fn __eq__(this: Gc<$layout>, other: Value) -> R {
                compare(CompareOp::Eq, this.value(), other)
            }
            fn __ne__(this: Gc<$layout>, other: Value) -> R {
                compare(CompareOp::Ne, this.value(), other)
            }
            fn __gt__(this: Gc<$layout>, other: Value) -> R {
                compare(CompareOp::Gt, this.value(), other)
            }
            fn __ge__(this: Gc<$layout>, other: Value) -> R {
                compare(CompareOp::Ge, this.value(), other)
            }
            fn __iter__(this: Gc<$layout>) -> R {
                Ok(new_dict_iter(this.core().dict(), $part, false))
            }
            fn __sub__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_sub(this.value(), other))
            }
            fn __rsub__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_sub(other, this.value()))
            }
            fn __and__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_and(this.value(), other))
            }
            fn __rand__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_and(this.value(), other))
            }
            fn __xor__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_xor(this.value(), other))
            }
            fn __rxor__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_xor(other, this.value()))
            }
            fn __or__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_or(this.value(), other))
            }
            fn __ror__(this: Gc<$layout>, other: Value) -> R {
                value_of(views::view_or(other, this.value()))
            }
            fn __len__(this: Gc<$layout>) -> usize {
                this.core().len()
            }
            fn __contains__(this: Gc<$layout>, key: Value) -> R<bool> {
                views::view_contains(this.core().dict(), $part, key)
            }
            /// Whether the view and the iterable have no item in common.
            fn isdisjoint(this: Gc<$layout>, object: Value) -> R<bool> {
                views::view_is_disjoint(this.value(), object)
            }
            /// An iterator over the items from last to first.
            fn __reversed__(this: Gc<$layout>) -> Value {
                new_dict_iter(this.core().dict(), $part, true)
            }
            /// the dictionary whose items the view shows
            #[getter]
            fn mapping(this: Gc<$layout>) -> R {
                mapping_of(this.core().dict())
            }
        }
    };
}
set_like_view!(DictKeysSkin, DictKeys, "dict_keys", Part::Keys);
set_like_view!(DictItemsSkin, DictItems, "dict_items", Part::Items);

pub struct DictValuesSkin;

#[native_class(name = "dict_values", layout = DictValues, base = object, flags = "final no_new")]
impl DictValuesSkin {
    fn __repr__(this: Gc<DictValues>) -> R<Gc<Str>> {
        view_repr(this.value(), this.core().dict(), Part::Values)
    }
    fn __iter__(this: Gc<DictValues>) -> R {
        Ok(new_dict_iter(this.core().dict(), Part::Values, false))
    }
    fn __len__(this: Gc<DictValues>) -> usize {
        this.core().len()
    }
    /// An iterator over the items from last to first.
    fn __reversed__(this: Gc<DictValues>) -> Value {
        new_dict_iter(this.core().dict(), Part::Values, true)
    }
    /// the dictionary whose items the view shows
    #[getter]
    fn mapping(this: Gc<DictValues>) -> R {
        mapping_of(this.core().dict())
    }
}

macro_rules! iterator_skin {
    ($skin:ident, $layout:ident, $python:tt, $step:ident, $part:expr, $reverse:literal) => {
        pub struct $skin;

        #[native_class(name = $python, layout = $layout, base = object, flags = "final no_new")]
        impl $skin {
            fn __iter__(this: Gc<$layout>) -> R {
                Ok(this.value())
            }
            fn __next__(this: Gc<$layout>) -> R<Option<Value>> {
                this.core().$step($part)
            }
            /// An estimate of how many items are still to come.
            fn __length_hint__(this: Gc<$layout>) -> usize {
                this.core().length_hint()
            }
            /// What pickle needs to make the same object.
            fn __reduce__(this: Gc<$layout>) -> R {
                reduce_to_iter(this.core().rest($part, $reverse)?.value())
            }
        }
    };
}
iterator_skin!(DictKeyIterSkin, DictKeyIter, "dict_keyiterator", next, Part::Keys, false);
iterator_skin!(DictValueIterSkin, DictValueIter, "dict_valueiterator", next, Part::Values, false);
iterator_skin!(DictItemIterSkin, DictItemIter, "dict_itemiterator", next, Part::Items, false);
iterator_skin!(DictReverseKeyIterSkin, DictReverseKeyIter, "dict_reversekeyiterator", previous, Part::Keys, true);
iterator_skin!(DictReverseValueIterSkin, DictReverseValueIter, "dict_reversevalueiterator", previous, Part::Values, true);
iterator_skin!(DictReverseItemIterSkin, DictReverseItemIter, "dict_reverseitemiterator", previous, Part::Items, true);
