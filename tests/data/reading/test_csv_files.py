"""Tables, written by pandas, numpy and the standard library."""
# ruff: noqa: PD011  (the values of frames are taken for those of a DataFrame)

import csv
import io

import numpy as np
import pandas as pd
import pytest

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.readers import array_names_in_upload
from cnnwidget.data.reading.tables import text_rows
from tests.damaged import DAMAGED, at_most, check_damaged, refusals

GIVEN = np.random.default_rng(0).normal(size=(30, 4))
DAYS = pd.date_range("2020-02-27", periods=30, freq="D")


def text_of(table, **options):
    return table.to_csv(**options).encode()


def seen(name, content, folder, **options):
    """A table in frames, the same of an upload and of a file."""
    (folder / name).write_bytes(content)
    upload, file = read_bytes(name, content, **options), load(folder / name, **options)
    assert np.array_equal(upload.values, file.values, equal_nan=True)
    assert upload.name == file.name
    assert upload.values.dtype == np.float64
    return upload


@pytest.mark.parametrize("divided", [",", ";", "\t", " "])
@pytest.mark.parametrize("header", [True, False])
def test_numbers_are_what_pandas_wrote(divided, header, tmp_path):
    table = pd.DataFrame(GIVEN, columns=["ice", "snow", "sea", "land"])
    content = text_of(table, sep=divided, header=header, index=False)
    frames = seen("a.csv", content, tmp_path)
    assert np.array_equal(frames.values[:, 0], GIVEN)
    assert frames.axes == "T C L"
    assert frames.labels.times is None
    assert frames.labels.channels == ()
    assert dict(frames.labels.places) == {}
    assert array_names_in_upload("a.csv", content) == (tuple(table.columns) if header else ())


@pytest.mark.parametrize("divided", [";", "\t", " "])
def test_decimals_may_have_commas(divided, tmp_path):
    content = text_of(
        pd.DataFrame(GIVEN), sep=divided, decimal=",", index=False, header=list("abcd")
    )
    assert b"," in content
    assert np.array_equal(seen("a.csv", content, tmp_path).values[:, 0], GIVEN)


def test_what_numpy_writes_is_read(tmp_path):
    for divided, header in ((" ", ""), (",", "a,b,c,d"), ("\t", "")):
        content = io.BytesIO()
        np.savetxt(content, GIVEN, fmt="%.18e", delimiter=divided, header=header)
        assert np.array_equal(seen("a.tsv", content.getvalue(), tmp_path).values[:, 0], GIVEN)
    aligned = b"  1.0   2.0 \n 10.0  -2.0 \n"
    assert seen("a.csv", aligned, tmp_path).values[:, 0].tolist() == [[1, 2], [10, -2]]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_what_the_standard_library_writes_is_read(quoting, ends, tmp_path):
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=ends)
    writer.writerow(["ice, in the north", 'the "sea"'])
    writer.writerows(GIVEN[:, :2].tolist())
    content = text.getvalue().encode()
    assert np.array_equal(seen("a.csv", content, tmp_path).values[:, 0], GIVEN[:, :2])
    assert array_names_in_upload("a.csv", content) == ("ice, in the north", 'the "sea"')


TIMES = {
    "days": (DAYS, "datetime64[D]"),
    "hours": (pd.date_range("2020-02-28 18:00", periods=30, freq="6h"), "datetime64[s]"),
    "parts of a second": (pd.date_range("2020-02-28", periods=30, freq="250ms"), "datetime64[us]"),
    "before 1970": (pd.date_range("1903-12-17 10:35", periods=30, freq="h"), "datetime64[s]"),
}


@pytest.mark.parametrize("case", TIMES)
@pytest.mark.parametrize("named", ["date", None, "when"])
def test_dates_are_labels(case, named, tmp_path):
    times, unit = TIMES[case]
    table = pd.DataFrame(GIVEN, index=times.rename(named), columns=list("abcd"))
    for options in (
        {},
        {"sep": ";", "decimal": ","},
        {"sep": "\t", "date_format": "%Y-%m-%dT%H:%M:%S.%f"},
    ):
        frames = seen("a.csv", text_of(table, **options), tmp_path)
        assert np.array_equal(frames.values[:, 0], GIVEN)
        assert np.array_equal(frames.labels.times, times.to_numpy())
        assert frames.labels.times.dtype == unit
        assert dict(frames.labels.names) == ({"T": named} if named else {})


def test_months_and_zones(tmp_path):
    months = seen("a.csv", b"2020-11,1,2\n2020-12,3,4\n", tmp_path)
    assert np.array_equal(months.labels.times, np.array(["2020-11-01", "2020-12-01"], "M8[D]"))
    assert str(months.labels.times_after(1)[0]) == "2021-01-01"
    zones = b"time,a,b\n2020-01-01T01:00:00+01:00,1,2\n2020-01-01T01:00:00Z,3,4\n"
    assert seen("a.csv", zones, tmp_path).labels.times.astype(str).tolist() == [
        "2020-01-01T00:00:00",
        "2020-01-01T01:00:00",
    ]


def test_a_calendar_makes_dates(tmp_path):
    table = pd.DataFrame(
        {"Year": DAYS.year, "Month": DAYS.month, "Day": DAYS.day, "ice": GIVEN[:, 0]}
    )
    frames = seen("a.csv", text_of(table, index=False), tmp_path, frame_len=3)
    assert np.array_equal(frames.values.ravel(), GIVEN[:, 0])
    assert np.array_equal(frames.labels.times, DAYS.to_numpy()[::3])
    months = b"year,month,a,b\n2019,12,1,2\n2020,1,3,4\n"
    assert seen("a.csv", months, tmp_path).labels.span == "2019-12-01 to 2020-01-01"


@pytest.mark.parametrize("named", ["time", "T", "Year", "index", None])
def test_numbers_that_increase_are_times_by_their_name(named, tmp_path):
    index = pd.Index(np.arange(30) / 4 + 1990, name=named)
    frames = seen(
        "a.csv", text_of(pd.DataFrame(GIVEN, index=index, columns=list("abcd"))), tmp_path
    )
    assert np.array_equal(frames.values[:, 0], GIVEN)
    assert np.array_equal(frames.labels.times, index)


def test_numbers_that_do_not_increase_are_no_times(tmp_path):
    table = pd.DataFrame(GIVEN[:, :2], columns=["t", "humidity"])  # a temperature
    frames = seen("a.csv", text_of(table, index=False), tmp_path)
    assert np.array_equal(frames.values[:, 0], GIVEN[:, :2])
    assert frames.labels.times is None


def test_names_that_are_numbers_are_places(tmp_path):
    table = pd.DataFrame(GIVEN, index=DAYS.rename("time"), columns=[0.5, 1.5, 2.5, 3.5])
    for content in (
        text_of(table),
        text_of(table.rename_axis(None)),
        text_of(table.reset_index(drop=True)),
    ):
        frames = seen("a.csv", content, tmp_path)
        assert np.array_equal(frames.values[:, 0], GIVEN)
        assert np.array_equal(frames.labels.places["L"], [0.5, 1.5, 2.5, 3.5])


@pytest.mark.parametrize("missing", ["", "NA", "nan", "null", "N/A", "NaN"])
def test_what_is_missing_is_nan(missing, tmp_path):
    given = GIVEN.copy()
    given[[0, 3, 29], [1, 0, 3]] = np.nan
    table = pd.DataFrame(given, columns=list("abcd"))
    frames = seen("a.csv", text_of(table, na_rep=missing, index=False), tmp_path)
    assert np.array_equal(frames.values[:, 0], given, equal_nan=True)
    assert frames.missing_values == 3


def test_a_place_without_values_stays_where_it_is(tmp_path):
    frames = seen("a.csv", b"a,land,c\n1,,2\n3,,4\n", tmp_path)
    assert np.array_equal(frames.values[:, 0], [[1, np.nan, 2], [3, np.nan, 4]], equal_nan=True)
    for one_too_many in (b"1,2,\n3,4,\n", b"a,b,\n1,2,\n3,4,\n"):
        assert seen("a.csv", one_too_many, tmp_path).values[:, 0].tolist() == [[1, 2], [3, 4]]


def test_text_is_left_out(tmp_path):
    content = b"# of the harbour\nstation,a,remark,b\nKiel,1,,2\n\nKiel,3,calm,4\n"
    frames = seen("a.csv", content, tmp_path)
    assert frames.values[:, 0].tolist() == [[1, 2], [3, 4]]
    assert array_names_in_upload("a.csv", content) == ("a", "b")


def test_columns_are_variables(tmp_path):
    table = pd.DataFrame(GIVEN, index=DAYS.rename("date"), columns=["ice", "snow", "sea", "land"])
    for content in (text_of(table), text_of(table.reset_index(drop=True).rename_axis("time"))):
        one = seen("a.csv", content, tmp_path, variable="sea", frame_len=3)
        assert one.name == "a.csv::sea"
        assert not one.has_channels
        assert np.array_equal(one.values.ravel(), GIVEN[:, 2])
        two = seen("a.csv", content, tmp_path, variable=["land", "ice"], frame_len=3)
        assert two.labels.channels == ("land", "ice")
        assert np.array_equal(two.values.swapaxes(1, 2).reshape(30, 2), GIVEN[:, [3, 0]])
        assert len(two.labels.times) == 10
        (tmp_path / "a.csv").write_bytes(content)
        named = load(f"{tmp_path}/a.csv::land,ice", frame_len=3)
        assert np.array_equal(named.values, two.values)
    assert np.array_equal(two.labels.times, np.arange(0, 30, 3))
    assert array_names_in_upload("a.csv", content) == ("ice", "snow", "sea", "land")


def test_only_columns_that_are_asked_for_must_be_numbers(tmp_path):
    content = b"code,ice\n1,2\nB,3\n"
    assert seen(
        "a.csv", content, tmp_path, variable="ice", frame_len=1
    ).values.ravel().tolist() == [2, 3]
    said = refusals("a.csv", content, tmp_path, variable="code", frame_len=1)
    assert said.startswith("a.csv: line 3 has 'B' in column 'code', but must have a number")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_told(encoding, tmp_path):
    content = "größe;höhe\r\n1,5;2\r\n3;4\r\n".encode(encoding)
    assert seen("a.csv", content, tmp_path).values[:, 0].tolist() == [[1.5, 2], [3, 4]]
    assert array_names_in_upload("a.csv", content) == ("größe", "höhe")


REFUSED = {
    "empty": (b"", "is empty; write a row for each time"),
    "blank": (b"\n \n,,\n", "is empty; write"),
    "comments": (b"# nothing\n", "is empty; write"),
    "a header alone": (b"a,b\n", "has no numbers in it"),
    "one row": (b"a,b\n1,2\n", "has 1 frame"),
    "ragged": (b"a,b\n1,2\n3,4\n5\n", "line 4 has 1 cells, but the first row has 2; give"),
    "too long": (b"1,2\n3,4,5\n", "line 2 has 3 cells, but the first row has 2"),
    "text among numbers": (b"a,b\n1,2\n\n3,calm\n", "line 4 has 'calm' in column 'b', but must"),
    "without a header": (b"1,2\n3,4\n5,calm\n", "line 3 has 'calm' in column 2, but must"),
    "numbers among text": (b"a,b\nx,1\n7,2\n", "line 3 has the number '7' in column 'a', which"),
    "text": (b"what " * 99, "has no numbers in it"),
    "many lines of text": (b"never\nmore\n" * 9, "has no column of numbers"),
    "no date": (
        b"d,a,b\n2020-01-01,1,2\nsoon,3,4\n",
        "line 3 has 'soon' for a date, but the first",
    ),
    "no such date": (b"2020-02-28,1\n2020-02-30,2\n", "line 2 has '2020-02-30' for a date"),
    "one column": (b"1\n2\n3\n", "has 3 values, one after the other; say how many make a frame"),
    "nothing known": (b"a,b\nNA,\n,NA\n", "has no column of numbers"),
    "zeros": (bytes(99), "line 1 holds bytes that are no text; check the file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "line 3 holds bytes that are no text"),
    "half a character": ("1,2".encode("utf-16")[:-1], "is damaged"),
    "an open quote": (b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 40_000, "is damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case, tmp_path):
    content, said = REFUSED[case]
    upload = refusals("a.csv", content, tmp_path)
    assert upload.startswith("a.csv")
    assert said in upload


def test_random_bytes_are_no_table(tmp_path):
    for length in range(1, 60):
        assert refusals("a.tsv", np.random.default_rng(length).bytes(length), tmp_path)


def test_columns_that_are_not_there_are_refused():
    content = b"ice,ice,sea\n1,2,3\n4,5,6\n"
    for name, said in {
        "seas": r"^a\.csv holds ice, ice, sea, but not 'seas'; did you mean 'sea'\?$",
        "ice": r"^a\.csv has 2 columns called 'ice'; give each a name of its own\.$",
        "": r"^a\.csv holds ice, ice, sea, but not ''\.$",
    }.items():
        with pytest.raises(DataError, match=said):
            read_bytes("a.csv", content, variable=name)
    with pytest.raises(DataError, match=r"^a\.csv has no header .*; leave 'ice' out\.$"):
        read_bytes("a.csv", b"1,2\n3,4\n", variable="ice")


def test_what_takes_too_much_is_refused(monkeypatch):
    content = b"1,2\n" * 1000
    at_most(monkeypatch, 16_000)
    assert read_bytes("a.csv", content).steps == 1000
    at_most(monkeypatch, 15_999)
    with pytest.raises(
        DataError, match=r"^a\.csv unpacks to .*; save an array with numpy\.save\.$"
    ):
        read_bytes("a.csv", content)
    monkeypatch.undo()
    monkeypatch.setattr(text_rows, "LONGEST_LINE", 9)
    with pytest.raises(
        DataError, match=r"^a\.csv: line 2 has more than 9 characters; write one row"
    ):
        read_bytes("a.csv", b"1,2\n1000,2000\n")


@pytest.mark.parametrize("options", [{}, {"sep": ";", "decimal": ","}, {"header": False}])
def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(
    options, tmp_path, monkeypatch, capfd
):
    at_most(monkeypatch, 2_000_000)
    table = pd.DataFrame(GIVEN.round(2), index=DAYS.rename("date"), columns=list("abcd"))
    check_damaged("a.csv", text_of(table, **options), tmp_path, DAMAGED // 2)
    assert capfd.readouterr() == ("", "")
