//! Malformed answers of an index by a seed, for a project called `demo`: whatever is asked of such an index, `demo` cannot be installed.

use crate::generator::Random;
use crate::server::{Answer, Index, Offer, offer_of};
use crate::wheel::{BuiltWheel, WheelBuilder};

#[derive(Debug, Clone)]
pub struct Spoiled {
    pub label: String,
    pub index: Index,
}

type Fault = (&'static str, fn(&mut Random) -> Index);

const PAGE: &str = "/simple/demo/";

/// Index number `index` of the series that `seed` starts; the kinds of faults take turns.
pub fn spoiled(seed: u64, index: usize) -> Spoiled {
    let mut random = Random::new(seed ^ (index as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let (label, make) = FAULTS[index % FAULTS.len()];
    Spoiled { label: format!("{index}: {label}"), index: make(&mut random) }
}

fn demo() -> BuiltWheel {
    WheelBuilder::simple("demo", "1.0").build()
}

fn page(answer: Answer) -> Index {
    Index::new().answer(PAGE, answer)
}

fn json(text: &str) -> Index {
    page(Answer::json(text))
}

/// A page with one file, whose entry is this object.
fn entry(text: &str) -> Index {
    json(&format!("{{\"meta\":{{\"api-version\":\"1.1\"}},\"name\":\"demo\",\"files\":[{text}]}}"))
}

fn file_answer(answer: Answer) -> Index {
    let wheel = demo();
    Index::new().wheel(&wheel).answer(&format!("/files/{}", wheel.file_name), answer)
}

fn changed(change: impl FnOnce(&mut Offer)) -> Index {
    let mut offer = offer_of(&demo());
    change(&mut offer);
    Index::new().offer(offer)
}

const FAULTS: &[Fault] = &[
    ("a server that fails", |r| page(Answer::new(*r.pick(&[500, 502, 503, 504, 429]), "text/plain", "not today"))),
    ("a page that does not exist", |r| page(Answer::new(*r.pick(&[404, 410]), "text/plain", "none"))),
    ("a page for others only", |r| page(Answer::new(*r.pick(&[401, 403]), "text/plain", "no"))),
    ("an answer that is no page", |r| page(Answer::new(*r.pick(&[204, 300, 400, 418, 299]), "text/plain", "?"))),
    ("JSON that is none", |r| json(*r.pick(&["", "{", "nul", "{\"files\":[", "<html>", "[1,2", "{\"a\":}", "\u{0}"]))),
    ("JSON of another kind", |r| {
        json(*r.pick(&["[]", "3", "\"x\"", "null", "{}", "{\"files\":{}}", "{\"files\":3}", "{\"meta\":[],\"files\":[]}"]))
    }),
    ("a version of the future", |r| {
        json(&format!(
            "{{\"meta\":{{\"api-version\":\"{}\"}},\"name\":\"demo\",\"files\":[]}}",
            *r.pick(&["2.0", "9.1", "x", ""])
        ))
    }),
    ("an entry without its parts", |r| {
        entry(*r.pick(&["{}", "{\"filename\":\"demo-1.0-py3-none-any.whl\"}", "{\"url\":\"/files/x\"}", "3", "null", "[]"]))
    }),
    ("an entry with parts of the wrong kind", |r| {
        entry(*r.pick(&[
            "{\"filename\":3,\"url\":\"/files/x\",\"hashes\":{}}",
            "{\"filename\":\"demo-1.0-py3-none-any.whl\",\"url\":{},\"hashes\":{}}",
            "{\"filename\":\"demo-1.0-py3-none-any.whl\",\"url\":\"/files/x\",\"hashes\":[]}",
            "{\"filename\":\"demo-1.0-py3-none-any.whl\",\"url\":\"/files/x\",\"hashes\":{\"sha256\":7}}",
        ]))
    }),
    ("an address that leads nowhere", |r| {
        let url = *r.pick(&[
            "http://",
            "http://[::",
            "nothing://x/y",
            "http://127.0.0.1:1/demo-1.0-py3-none-any.whl",
            "file:///etc/passwd",
            "data:,x",
            "mailto:x@y",
        ]);
        entry(&format!("{{\"filename\":\"demo-1.0-py3-none-any.whl\",\"url\":\"{url}\",\"hashes\":{{}}}}"))
    }),
    ("a file name with a path", |r| {
        let name = *r.pick(&[
            "../../demo-1.0-py3-none-any.whl",
            "/tmp/demo-1.0-py3-none-any.whl",
            "a/demo-1.0-py3-none-any.whl",
            "..",
            "demo-1.0-py3-none-any.whl\\u0000",
        ]);
        entry(&format!("{{\"filename\":\"{name}\",\"url\":\"/files/none.whl\",\"hashes\":{{}}}}"))
    }),
    ("bytes instead of a page", |r| {
        let bytes: Vec<u8> = (0..r.below(2000)).map(|_| r.next() as u8).collect();
        page(Answer::new(
            200,
            *r.pick(&["text/html", "application/vnd.pypi.simple.v1+json", "image/png", "application/octet-stream", ""]),
            bytes,
        ))
    }),
    ("a page without links", |r| {
        page(Answer::new(
            200,
            "text/html",
            *r.pick(&["", "<html></html>", "<a>demo-1.0-py3-none-any.whl</a>", "<a href=>x</a>", "<!--", "<a href=\"x"]),
        ))
    }),
    ("packed data that is none", |_| page(Answer::json("this is not packed at all").header("Content-Encoding", "gzip"))),
    ("a page that ends too soon", |r| {
        let mut answer = Answer::json("{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"demo\",\"files\":[]}");
        answer.stop_after = Some(r.below(40));
        page(answer)
    }),
    ("a way in circles", |_| page(Answer::new(302, "text/plain", "").header("Location", PAGE))),
    ("a way to a strange place", |r| {
        page(
            Answer::new(301, "text/plain", "").header(
                "Location",
                *r.pick(&["file:///etc/passwd", "", "ftp://127.0.0.1/x", "http://127.0.0.1:1/", "//", "\u{7f}"]),
            ),
        )
    }),
    ("a file with another sum", |r| {
        let digits: String = (0..64).map(|_| char::from(*r.pick(b"0123456789abcdef"))).collect();
        changed(|offer| offer.told_sha256 = Some(digits))
    }),
    ("a sum that is none", |r| {
        let text = (*r.pick(&["", "zz", "0000", "not a sum at all, by far, and too long for one of them, too"])).to_owned();
        changed(|offer| offer.told_sha256 = Some(text))
    }),
    ("a file that is not there", |r| file_answer(Answer::new(*r.pick(&[404, 403, 410]), "text/plain", "gone"))),
    ("a file whose server fails", |r| file_answer(Answer::new(*r.pick(&[500, 503]), "text/plain", "no"))),
    ("a page instead of a file", |_| file_answer(Answer::new(200, "text/html", "<html>Log in here</html>"))),
    ("a file that ends too soon", |r| {
        let wheel = demo();
        let mut answer = Answer::new(200, "application/octet-stream", wheel.bytes.clone());
        answer.stop_after = Some(r.below(wheel.bytes.len()));
        file_answer(answer)
    }),
    ("a file that is shorter than told", |r| {
        let mut offer = offer_of(&demo());
        let length = r.below(offer.bytes.len());
        offer.told_sha256 = Some(crate::wheel::sha256_hex(&offer.bytes));
        offer.bytes.truncate(length);
        Index::new().offer(offer)
    }),
    ("another package under the name", |_| changed(|offer| offer.bytes = WheelBuilder::simple("other", "1.0").build().bytes)),
    ("another version under the name", |_| changed(|offer| offer.bytes = WheelBuilder::simple("demo", "9.9").build().bytes)),
    ("metadata of another package", |_| changed(|offer| offer.metadata = Some(WheelBuilder::simple("other", "3").metadata()))),
    ("metadata that is none", |r| {
        let text = (*r.pick(&[
            "",
            "nothing",
            "\u{0}",
            "Name: demo\n",
            "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: ???\n",
        ]))
        .to_owned();
        changed(|offer| offer.metadata = Some(text))
    }),
    ("requirements that nobody can meet", |r| {
        let requirement = *r.pick(&["no-such-project-at-all", "other==1; python_version > '2'", "other[extra]>2"]);
        Index::new().wheel(&WheelBuilder::simple("demo", "1.0").requires(requirement).build())
    }),
    ("another interpreter wanted", |r| {
        Index::new().wheel(
            &WheelBuilder::simple("demo", "1.0")
                .header(&format!("Requires-Python: {}", *r.pick(&[">=4", "<3", "==2.7.*", ">3.14.8,<3.14.9"])))
                .build(),
        )
    }),
];

/// How many kinds of faults there are.
pub fn kinds() -> usize {
    FAULTS.len()
}
