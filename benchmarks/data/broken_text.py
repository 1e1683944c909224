"""Text, markup, tables and mails that are hostile or absurd. Knows nothing of who reads them."""

from __future__ import annotations

import random

from benchmarks.data.sound import SUFFIXES, WORDS, sound

Made = tuple[str, bytes]


def garbage(rng: random.Random) -> Made:
    head = rng.choice(
        (b"", b"PK\x03\x04", b"%PDF-1.7\n", b"\xff\xfe", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"From: x\n\n")
    )
    return rng.choice(SUFFIXES), head + rng.randbytes(rng.choice((0, 1, 100, 10_000, 300_000)))


def other_suffix(rng: random.Random) -> Made:
    """A sound file under the name of another format."""
    return rng.choice(SUFFIXES), sound(rng.choice(SUFFIXES))


def zeros_only(rng: random.Random) -> Made:
    return rng.choice(SUFFIXES), rng.choice(
        (b"\0" * rng.choice((1, 10_000, 2**21)), b"", WORDS.encode() + b"\0" * 9 + b"end")
    )


def mixed_encodings(rng: random.Random) -> Made:
    names = ["utf-8", "cp1252", "utf-16", "utf-32-be", "shift_jis", "cp1251", "utf-7", "utf-8-sig", "gb18030"]
    pieces = [WORDS.encode(rng.choice(names), "ignore") for _ in range(rng.randint(2, 8))]
    return rng.choice(("md", "txt", "csv", "html", "eml")), b"\n".join(pieces)


def surrogates(rng: random.Random) -> Made:
    text = "a \ud800 b \udfff \U0010ffff \ufffe \u202e " + "\u0301" * 1000
    return rng.choice(("md", "txt", "csv", "html", "eml")), text.encode(
        rng.choice(("utf-8", "utf-16", "utf-32")), "surrogatepass"
    )


def deep_html(rng: random.Random) -> Made:
    tag = rng.choice(
        ("div", "table><tr><td", "ul><li", "b", "a href=x", "p", "blockquote", "nav", "main", "form", "svg")
    )
    return rng.choice(("html", "xhtml")), (f"<{tag}>x" * rng.choice((10_000, 50_000)) + "<p>end").encode()


def odd_html(rng: random.Random) -> Made:
    unit = rng.choice(
        (
            "<",
            "<!--",
            "<![CDATA[",
            "<a ",
            "&#",
            "&amp",
            "</",
            "<a b='",
            "<script>",
            "<p" + " x=1" * 999 + ">",
            "<!DOCTYPE [",
        )
    )
    return "html", (unit * (rng.choice((1000, 200_000)) // len(unit) + 1) + WORDS).encode()


def odd_csv(rng: random.Random) -> Made:
    return rng.choice(("csv", "tsv")), rng.choice(
        (
            ("a,b\n" + "x" * 10**6 + ",y\n").encode(),
            (",".join(f"c{n}" for n in range(100_000)) + "\n" + ",".join("1" * 100_000) + "\n").encode(),
            ('a,"b\n' + "never closed,\n" * 10_000).encode(),
            b'"' * 100_001,
            b",;\t|" * 50_000,
            ("h" * 500_000 + ",b\n" + "1,2\n" * 10_000).encode(),
            b"a,b\r" * 10_000,
            b"a\0b,c\n" * 1000,
        )
    )


def odd_mail(rng: random.Random) -> Made:
    deep = "From: a\n" + "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1000))
    head = "From: a\nSubject: =?utf-8?b?////?= =?no-such?q?x?=\nDate: yesterday\n"
    return "eml", rng.choice(
        (
            (deep + "\nwords").encode(),
            (head + 'Content-Type: text/plain; charset="no-such"\nContent-Transfer-Encoding: base64\n\n!!!!').encode(),
            (head + "Content-Type: text/html; charset=utf-16\n\n<p>x").encode(),
            ("From: a\n" + "X: y\n" * 200_000 + "\nwords").encode(),
            ("From: " + "a" * 3_000_000 + "\n\nwords").encode(),
            ("From: a\nSubject: " + "=?utf-8?q?a?= " * 50_000 + "\n\nwords").encode(),
            ('From: a\nContent-Type: multipart/mixed; boundary=""\n\n' + "--\n" * 10_000).encode(),
            ('From: a\nContent-Type: multipart/mixed; boundary="b"\n\n' + "--b\n\nx\n" * 20_000).encode(),
        )
    )


def odd_markdown(rng: random.Random) -> Made:
    laughs = "a0: &a0 [x, x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9))
    return "md", rng.choice(
        (
            ("# " + "#" * 60_000 + "x\n").encode() * 20,
            ("---\n" + laughs + "tags: *a9\ntitle: *a8\n---\nwords").encode(),
            ("---\na: " + "[" * 10_000 + "\n---\nwords").encode(),
            ("---\n? " * 3000 + "\n---\nwords").encode(),
            b"---\ndate: 99999-99-99\ntags: {a: b}\ntitle: [1]\n---\nwords",
            "".join(f"{'#' * (n % 6 + 1)} heading {n}\n" for n in range(50_000)).encode(),
            ("x\n=\n" * 50_000).encode(),
            ("```\n" * 50_001 + "# x").encode(),
        )
    )


def endless_line(rng: random.Random) -> Made:
    unit = rng.choice((b"x", b"word ", "ü".encode(), b"#", b"a,", b'"', b"<", b"|", "ä".encode("cp1252"), b"\0a"))
    return rng.choice(("txt", "md", "csv", "html", "eml", "tsv")), unit * (10**8 // len(unit))
