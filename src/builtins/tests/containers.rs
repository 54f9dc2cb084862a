//! The containers through their classes, without an interpreter: boot, call methods, look at `repr`.

use heap::Value;
use objects::error::R;
use objects::{Cast, Gc, Str, call, call_method, classes, dict, intern, list, new_int, new_str, repr, set, sort, tuple};
use std::sync::Once;

fn boot() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        objects::thread::attach(true).expect("attach");
        objects::boot::prepare_core();
        ok(builtins::install_classes());
    });
}

fn ok<T>(result: R<T>) -> T {
    match result {
        Ok(value) => value,
        Err(raised) => panic!("raised {}", text_of(raised.take())),
    }
}
fn text_of(value: Value) -> String {
    match repr(value) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => {
            raised.clear();
            "<repr failed>".to_owned()
        }
    }
}
fn error_of<T>(result: R<T>) -> String {
    match result {
        Ok(_) => "no error".to_owned(),
        Err(raised) => {
            let exception = raised.take();
            let text = objects::str_of(exception).map(|text| text.to_string_lossy()).unwrap_or_default();
            format!("{}: {}", objects::class_name(exception), text)
        }
    }
}
fn int(number: i64) -> Value {
    new_int(number)
}
fn ints(numbers: &[i64]) -> Value {
    list::list_from_iter(numbers.iter().map(|number| int(*number))).value()
}
fn method(object: Value, name: &str, arguments: &[Value]) -> R {
    call_method(object, intern(name), arguments)
}
fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Value {
    let part = |part: Option<i64>| part.map_or(Value::none(), int);
    objects::slice::new_slice(part(start), part(stop), part(step)).value()
}

fn lists() {
    let items = ints(&[3, 1, 2]);
    ok(method(items, "append", &[new_str("x")]));
    ok(method(items, "insert", &[int(-1), Value::float(1.5)]));
    assert_eq!(text_of(items), "[3, 1, 2, 1.5, 'x']");
    assert_eq!(text_of(ok(method(items, "pop", &[]))), "'x'");
    assert_eq!(error_of(method(items, "pop", &[int(9)])), "IndexError: pop index out of range");
    ok(method(items, "sort", &[]));
    assert_eq!(text_of(items), "[1, 1.5, 2, 3]");
    assert_eq!(text_of(ok(objects::get_item(items, slice(None, None, Some(-2))))), "[3, 1.5]");
    ok(objects::set_item(items, slice(Some(1), Some(3), None), ints(&[7, 8, 9])));
    assert_eq!(text_of(items), "[1, 7, 8, 9, 3]");
    assert_eq!(
        error_of(objects::set_item(items, slice(None, None, Some(2)), ints(&[1]))),
        "ValueError: attempt to assign sequence of size 1 to extended slice of size 3"
    );
    ok(objects::del_item(items, slice(None, None, Some(2))));
    assert_eq!(text_of(items), "[7, 9]");
    ok(method(items, "extend", &[items]));
    assert_eq!(text_of(items), "[7, 9, 7, 9]");
    ok(method(items, "append", &[items]));
    assert_eq!(text_of(items), "[7, 9, 7, 9, [...]]");
    assert_eq!(
        error_of(objects::binary_op(objects::BinaryOp::Add, items, int(1))),
        "TypeError: can only concatenate list (not \"int\") to list"
    );
    assert_eq!(error_of(method(ints(&[]), "pop", &[])), "IndexError: pop from empty list");
    assert_eq!(text_of(ok(objects::binary_op(objects::BinaryOp::Mul, ints(&[1, 2]), int(3)))), "[1, 2, 1, 2, 1, 2]");
    assert_eq!(
        error_of(objects::binary_op(objects::BinaryOp::Mul, ints(&[1]), int(1 << 47))),
        "no error".replace("no error", "MemoryError: ")
    );
}

fn dicts() {
    let map = dict::new_dict();
    for number in 0..1000 {
        ok(dict::dict_set(map, int(number), int(number * 2)));
        ok(dict::dict_set(map, new_str(&format!("k{number}")), int(number)));
    }
    assert_eq!(map.len(), 2000);
    for number in 0..1000 {
        assert_eq!(ok(dict::dict_get(map, int(number))), Some(int(number * 2)));
        assert_eq!(ok(dict::dict_get(map, new_str(&format!("k{number}")))), Some(int(number)));
    }
    assert_eq!(ok(dict::dict_get(map, Value::float(7.0))), Some(int(14)));
    assert_eq!(ok(dict::dict_get(map, Value::bool(true))), Some(int(2)));
    for number in 0..990 {
        ok(dict::dict_del_item(map, int(number)));
        assert!(ok(dict::dict_remove(map, new_str(&format!("k{number}")))).is_some());
    }
    assert_eq!(map.len(), 20);
    assert_eq!(error_of(dict::dict_get_item(map, int(3))), "KeyError: 3");
    assert_eq!(
        error_of(dict::dict_set(map, ints(&[1]), int(3))),
        "TypeError: cannot use 'list' as a dict key (unhashable type: 'list')"
    );
    let small = ok(dict::new_dict_from(&[(new_str("a"), int(1)), (tuple::new_tuple(&[int(1), int(2)]).value(), int(2))]));
    assert_eq!(text_of(small.value()), "{'a': 1, (1, 2): 2}");
    assert_eq!(ok(dict::dict_get(small, tuple::new_tuple(&[int(1), int(2)]).value())), Some(int(2)));
    assert_eq!(text_of(ok(method(small.value(), "keys", &[]))), "dict_keys(['a', (1, 2)])");
    assert_eq!(text_of(ok(method(small.value(), "popitem", &[]))), "((1, 2), 2)");
    let iterator = ok(objects::iter(map.value()));
    ok(objects::next(iterator));
    ok(dict::dict_set(map, new_str("new"), int(0)));
    assert_eq!(error_of(objects::next(iterator)), "RuntimeError: dictionary changed size during iteration");
    let copy = ok(dict::dict_copy(map));
    assert!(ok(dict::dict_equal(copy, map)));
    assert_eq!(error_of(call(classes::dict().value(), &[ints(&[1])])), "TypeError: object is not iterable");
    let name = intern("name");
    ok(dict::dict_set_str(map, name, int(5)));
    let (version, number) = dict::dict_lookup_entry(map, name).expect("there");
    assert_eq!(dict::dict_entry(map, version, number), Some(int(5)));
    ok(dict::dict_remove_str(map, name));
    assert_eq!(dict::dict_entry(map, version, number), None);
    while dict::dict_pop_last(map).is_some() {}
    assert!(map.is_empty());
}

fn sets() {
    let numbers = ok(set::set_from_iterable(ints(&[3, 1, 2, 3]))).any();
    assert_eq!(text_of(numbers.value()), "{1, 2, 3}");
    let other = ok(set::set_from_iterable(ints(&[2, 3, 40]))).any();
    let op = |op| text_of(ok(objects::binary_op(op, numbers.value(), other.value())));
    assert_eq!(op(objects::BinaryOp::And), "{2, 3}");
    assert_eq!(op(objects::BinaryOp::Or), "{1, 2, 3, 40}");
    assert_eq!(op(objects::BinaryOp::Sub), "{1}");
    assert_eq!(op(objects::BinaryOp::Xor), "{40, 1}");
    let frozen = ok(call(classes::frozenset().value(), &[ints(&[1, 2, 3])]));
    assert_eq!(text_of(frozen), "frozenset({1, 2, 3})");
    assert_eq!(ok(objects::hash(frozen)), -272375401224217160);
    assert!(ok(objects::eq(frozen, numbers.value())));
    assert_eq!(
        error_of(method(numbers.value(), "add", &[ints(&[])])),
        "TypeError: cannot use 'list' as a set element (unhashable type: 'list')"
    );
    assert_eq!(text_of(ok(set::set_from_iterable(ints(&[]))).value()), "set()");
    for number in 0..5000 {
        ok(set::set_add(numbers, int(number * 7)));
    }
    for number in 0..5000 {
        assert!(ok(set::set_discard(numbers, int(number * 7))));
    }
    assert_eq!(text_of(numbers.value()), "{1, 2, 3}");
}

fn tuples_and_ranges() {
    let pair = tuple::new_tuple(&[int(1), new_str("a")]);
    assert_eq!(text_of(pair.value()), "(1, 'a')");
    assert_eq!(ok(objects::hash(tuple::new_tuple(&[int(1), int(2), int(3)]).value())), 529344067295497451);
    assert_eq!(ok(objects::hash(slice(Some(1), Some(2), Some(3)))), ok(objects::hash(slice(Some(1), Some(2), Some(3)))));
    assert_eq!(text_of(tuple::new_tuple(&[int(1)]).value()), "(1,)");
    let range = ok(objects::range::new_range(int(0), int(10), int(3)));
    assert_eq!(text_of(range.value()), "range(0, 10, 3)");
    assert_eq!(text_of(ok(list::list_from_iterable(range.value())).value()), "[0, 3, 6, 9]");
    assert_eq!(text_of(ok(objects::get_item(range.value(), slice(None, None, Some(-1))))), "range(9, -3, -3)");
    assert!(ok(objects::contains(range.value(), int(6))) && !ok(objects::contains(range.value(), int(7))));
    assert!(ok(objects::contains(range.value(), Value::float(6.0))));
    let huge = ok(objects::operators::mul_values(int(1 << 47), int(1 << 47)));
    let large = ok(objects::range::new_range(int(0), huge, int(1)));
    assert_eq!(error_of(objects::len(large.value())), "OverflowError: Python int too large to convert to C ssize_t");
    assert_eq!(text_of(ok(objects::get_item(large.value(), int(-1)))), "19807040628566084398385987583");
    let reversed = ok(objects::range::range_reversed(large));
    assert_eq!(text_of(ok(objects::next(reversed)).unwrap_or(Value::none())), "19807040628566084398385987583");
}

fn sorting_with_a_key() {
    let words: objects::GcVec = ["pear", "fig", "apple", "kiwi", "date"].iter().map(|word| new_str(word)).collect();
    let items = list::list_from_slice(&words);
    let length = ok(objects::get_attr(classes::str().value(), intern("__len__")));
    ok(sort::list_sort(items, Some(length), false));
    assert_eq!(text_of(items.value()), "['fig', 'pear', 'kiwi', 'date', 'apple']");
    ok(sort::list_sort(items, Some(length), true));
    assert_eq!(text_of(items.value()), "['apple', 'pear', 'kiwi', 'date', 'fig']");
    let mixed = list::list_from_slice(&[int(1), new_str("a")]);
    assert_eq!(
        error_of(sort::list_sort(mixed, None, false)),
        "TypeError: '<' not supported between instances of 'str' and 'int'"
    );
    assert_eq!(text_of(mixed.value()), "[1, 'a']");
}

fn survive_collections() {
    let map = dict::new_dict();
    let items = list::new_list(&[]);
    for round in 0..200_000i64 {
        let text: Gc<Str> = Str::new(&format!("item {}", round % 5000));
        ok(dict::dict_set(map, text.value(), list::new_list(&[int(round)]).value()));
        if round % 3 == 0 {
            ok(list::list_append(items, text.value()));
        }
        if items.len() > 1000 {
            list::list_clear(items);
        }
        if round % 50_000 == 0 {
            heap::collect::collect(heap::collect::Reason::Explicit);
        }
    }
    assert_eq!(map.len(), 5000);
    for (key, value) in dict::dict_items(map) {
        let text = key.cast::<Str>().map(|text| text.to_string_lossy()).unwrap_or_default();
        assert!(text.starts_with("item "));
        assert_eq!(ok(objects::len(value)), 1);
    }
}

// One thread owns the runtime in this process, so everything runs in one test.
#[test]
fn containers() {
    boot();
    lists();
    dicts();
    sets();
    tuples_and_ranges();
    sorting_with_a_key();
    survive_collections();
}

/// Two threads at one list, one dict and one set: nothing is lost that only one of them touches, and nothing breaks.
#[test]
fn threads() {
    boot();
    let items = list::new_list(&[]);
    let map = dict::new_dict();
    let members = set::new_set().any();
    heap::set_multithreaded();
    let worker = move |number: i64| {
        for round in 0..60_000i64 {
            let own = new_int(round * 2 + number);
            ok(list::list_append(items, Str::new(&format!("{round}")).value()));
            ok(dict::dict_set(map, own, Str::new(&format!("v{round}")).value()));
            ok(dict::dict_set(map, new_int(-1 - round % 50), list::new_list(&[own]).value()));
            ok(set::set_add(members, own));
            if round % 3 == 0 {
                list::list_pop(items, 0);
                list::list_insert(items, 5, own).unwrap_or_else(|raised| raised.clear());
            }
            if round % 5 == 0 {
                assert!(ok(dict::dict_remove(map, own)).is_some());
                assert!(ok(set::set_discard(members, own)));
            } else {
                let text = ok(dict::dict_get(map, own)).and_then(|value| value.cast::<Str>());
                assert_eq!(text.map(|text| text.to_string_lossy()), Some(format!("v{round}")));
                assert!(ok(set::set_contains(members, own)));
            }
            if round % 1000 == 0 {
                for (_, value) in dict::dict_items(map).into_iter().take(20) {
                    assert!(value.is_ptr());
                }
                ok(list::list_copy(items).map(|copy| assert!(copy.len() <= 3000)));
            }
            if items.len() > 2000 {
                list::list_clear(items);
            }
            heap::poll();
        }
    };
    let other = std::thread::spawn(move || {
        objects::thread::attach(false).expect("attach");
        worker(1);
        objects::thread::detach();
    });
    worker(0);
    heap::blocking(|| other.join().expect("no panic"));
    assert_eq!(map.len(), 2 * 48_000 + 50);
    assert_eq!(members.len(), 2 * 48_000);
}
