"""The command line: output, files, warnings and errors."""

import ast
import io
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import load_wine

import skmi
from skmi import feature_scores
from skmi._utils.messages import ParameterError, ParameterWarning, Setting
from skmi.cli import _OPTIONS, main
from skmi.criteria import CRITERIA
from skmi.estimators import ESTIMATORS


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(300)
    return pd.DataFrame(
        {
            "noise": rng.standard_normal(300),
            "square": x**2 + 0.2 * rng.standard_normal(300),
            "line": x + 0.01 * rng.standard_normal(300),
            "colour": np.where(x > 0.5, "red", "blue"),
            "constant": 0.1,
            "y": x,
        }
    )


@pytest.fixture
def path(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table.to_csv("table.csv", index=False)
    return "table.csv"


def read_csv(capsys):
    return pd.read_csv(io.StringIO(capsys.readouterr().out))


def error_of(capsys, *argv):
    """Run a command that fails, and return its one line of error."""
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


def test_rank_table(path, capsys):
    assert main(["rank", path, "--target", "y"]) == 0
    header, *rows, blank, note = capsys.readouterr().out.splitlines()
    assert header.split() == [
        "feature", "kind", "mi_bits", "gaussian_r", "abs_r", "mi_rank", "r_rank",
    ]  # fmt: skip
    assert [row.split()[0] for row in rows[:2]] == ["line", "square"]
    assert len(rows) == 5
    without_r = ("constant", "colour")
    full = [row for row in rows if not row.startswith(without_r)]
    assert {len(row) for row in full} == {len(header)}
    assert not any("-0." in row for row in rows)
    assert blank == ""
    assert note == "300 samples; target 'y': continuous; by ksg"


def test_rank_equals_the_scorer(path, table, capsys):
    main(["rank", path, "--target", "y", "--units", "nats", "--format", "csv"])
    ranking = read_csv(capsys).set_index("feature")
    features = table.drop(columns="y")
    scores = skmi.MIScorer()(features, table["y"])
    assert ranking.index[0] == features.columns[scores.argmax()]
    assert ranking["mi_nats"].is_monotonic_decreasing
    assert_allclose(ranking.loc[features.columns, "mi_nats"], scores, rtol=1e-12)
    assert_allclose(
        ranking["gaussian_r"],
        np.sqrt(1 - np.exp(-2 * ranking["mi_nats"].clip(lower=0))),
    )
    ranks = ranking["mi_nats"].clip(lower=0).rank(method="min", ascending=False)
    assert list(ranking["mi_rank"]) == list(ranks)
    assert ranking["kind"]["colour"] == "discrete"
    assert ranking["kind"]["line"] == "continuous"


def test_rank_shows_pearson_correlations(path, table, capsys):
    main(["rank", path, "--target", "y", "--format", "csv"])
    ranking = read_csv(capsys).set_index("feature")
    for name in ["noise", "square", "line"]:
        r = np.corrcoef(table[name], table["y"])[0, 1]
        assert_allclose(ranking["abs_r"][name], abs(r))
    assert ranking["r_rank"]["line"] == 1
    assert (
        ranking.loc[["colour", "constant"], ["abs_r", "r_rank"]].isna().all(axis=None)
    )


def test_json_equals_csv(path, capsys):
    main(["rank", path, "--target", "y", "--format", "csv"])
    from_csv = read_csv(capsys)
    main(["rank", path, "--target", "y", "--format", "json"])
    records = json.loads(capsys.readouterr().out)
    assert next(r for r in records if r["feature"] == "colour")["abs_r"] is None
    pd.testing.assert_frame_equal(
        pd.DataFrame(records), from_csv, check_dtype=False, rtol=1e-12
    )


def test_units(path, capsys):
    main(["rank", path, "--target", "y", "--format", "csv"])
    bits = read_csv(capsys)
    for units, base in {"nats": np.e, "hartleys": 10}.items():
        main(["rank", path, "--target", "y", "--format", "csv", "--units", units])
        found = read_csv(capsys)
        assert_allclose(found[f"mi_{units}"] * np.log2(base), bits["mi_bits"])
        assert_allclose(found["gaussian_r"], bits["gaussian_r"])
        select = ["select", path, "--target", "y", "-k", "2", "--units", units]
        select += ["--correction", "miller-madow"]
        main([*select, "--format", "csv"])
        assert {f"score_{units}", f"mi_{units}"} < {*read_csv(capsys).columns}


def test_top_keeps_the_ranks_of_all(path, capsys):
    main(["rank", path, "--target", "y", "--top", "2", "--format", "csv"])
    ranking = read_csv(capsys)
    assert list(ranking["feature"]) == ["line", "square"]
    assert ranking["r_rank"].max() > 2


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes_by_name(n_classes, path, table, capsys):
    names = np.array(["low", "middle", "high"])[3 - n_classes :]
    table["y"] = names[pd.qcut(table["y"], n_classes, labels=False)]
    table.to_csv(path, index=False)
    main(["rank", path, "--target", "y"])
    assert f"target 'y': discrete, {n_classes} classes;" in capsys.readouterr().out
    main(["rank", path, "--target", "y", "--format", "csv"])
    ranking = read_csv(capsys).set_index("feature")
    assert np.isnan(ranking["abs_r"]["line"]) == (n_classes == 3)


def test_task(path, table, capsys):
    table["y"] = pd.qcut(table["y"], 4, labels=False)
    table.to_csv(path, index=False)
    kinds = {
        "auto": "discrete, 4 classes",
        "classification": "discrete, 4 classes",
        "regression": "continuous",
    }
    for task, kind in kinds.items():
        main(["rank", path, "--target", "y", "--task", task])
        assert f"target 'y': {kind};" in capsys.readouterr().out


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator(estimator, path, capsys):
    main(["rank", path, "--target", "y", "--estimator", estimator, "--format", "csv"])
    assert read_csv(capsys)["feature"][0] == "line"


@pytest.mark.parametrize("suffix", [".tsv", ".TSV", ".parquet"])
def test_other_files(suffix, path, table, capsys):
    main(["rank", path, "--target", "y"])
    expected = capsys.readouterr().out
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
        table.to_parquet("other.parquet")
    else:
        table.to_csv(f"other{suffix}", sep="\t", index=False)
    main(["rank", f"other{suffix}", "--target", "y"])
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("criterion", CRITERIA)
def test_select_equals_the_selector(criterion, tmp_path, capsys):
    wine = load_wine(as_frame=True)
    wine.frame.to_csv(tmp_path / "wine.csv", index=False)
    arguments = ["select", str(tmp_path / "wine.csv"), "--target", "target", "-k", "4"]
    arguments += ["--criterion", criterion, "--units", "nats", "--n-jobs", "2"]
    main([*arguments, "--format", "csv"])
    selection = read_csv(capsys)
    selector = skmi.MISelector(4, criterion=criterion).fit(wine.data, wine.target)
    assert list(selection["pick"]) == [1, 2, 3, 4]
    assert list(selection["feature"]) == list(wine.data.columns[selector.path_])
    assert_allclose(selection["score_nats"], selector.path_scores_, rtol=1e-12)
    assert_allclose(selection["mi_nats"], selector.scores_[selector.path_], rtol=1e-12)
    main(arguments)
    first_row = capsys.readouterr().out.splitlines()[1]
    assert first_row.split()[:2] == ["1", selection["feature"][0]]


@pytest.mark.filterwarnings("default:binned continuous columns")
def test_bins_and_few_labels(tmp_path, rng, capsys):
    """Without a correction, a warning says that bins are preferred to flags."""
    n = 400
    size, *junk = rng.standard_normal((4, n))
    new, town = rng.random(n) > 0.5, rng.choice(list("abc"), n)
    table = pd.DataFrame(
        {"size": size, "town": town, "new": new, "j1": junk[0], "j2": junk[1]}
    )
    table["y"] = size**2 + new + (town == "a") + 0.3 * junk[2]
    table.to_csv(tmp_path / "t.csv", index=False)
    arguments = ["select", str(tmp_path / "t.csv"), "--target", "y", "-k", "3"]
    main([*arguments, "--format", "csv", "--correction", "none"])
    output = capsys.readouterr()
    assert "with --correction chance" in output.err
    for correction in ([], ["--correction", "miller-madow"]):
        main([*arguments, "--format", "csv", *correction])
        output = capsys.readouterr()
        assert not output.err
        picked = pd.read_csv(io.StringIO(output.out))["feature"]
        assert sorted(picked) == ["new", "size", "town"]


def test_select_exchanges_groups(tmp_path, rng, capsys):
    """Noise that is constant within groups is selected if rows are exchanged."""
    groups = np.repeat(np.arange(40), 10)
    table = pd.DataFrame(rng.standard_normal((40, 5)), columns=list("abcde"))
    table["y"] = rng.standard_normal(40)
    table = table.loc[groups].assign(patient=groups)
    table.to_csv(tmp_path / "t.csv", index=False)
    arguments = ["select", str(tmp_path / "t.csv"), "--target", "y", "-k", "auto"]
    main([*arguments, "--format", "json"])
    assert len(json.loads(capsys.readouterr().out)) >= 3
    by_group = [*arguments, "--groups", "patient", "--exchange", "groups"]
    main([*by_group, "--format", "json"])
    assert len(json.loads(capsys.readouterr().out)) < 2
    main([*arguments, "--exchange", "20", "--format", "json"])
    assert len(json.loads(capsys.readouterr().out)) < 2
    error = error_of(capsys, *arguments, "--exchange", "groups")
    assert "--exchange groups needs groups" in error
    error = error_of(capsys, *arguments[:-2], "--exchange", "20")
    assert "--exchange and --groups need -k auto" in error
    error = error_of(capsys, *arguments, "--exchange", "1")
    assert "number of at least 2" in error
    error = error_of(capsys, *arguments, "--groups", "patent")
    assert "--groups 'patent' is no column of" in error
    assert "did you mean 'patient'?" in error


def test_select_auto(tmp_path, rng, capsys):
    y = rng.integers(0, 2, 200)
    table = pd.DataFrame(rng.standard_normal((200, 4)), columns=list("abcd"))
    table["c"] += 2 * y
    table.assign(y=y).to_csv(tmp_path / "t.csv", index=False)
    arguments = ["select", str(tmp_path / "t.csv"), "--target", "y", "-k", "auto"]
    main([*arguments, "--format", "csv"])
    selection = read_csv(capsys)
    assert selection["feature"].tolist() == ["c"]
    assert selection["p_value"].tolist() == pytest.approx([1 / 40])
    main([*arguments, "--alpha", "0.001", "--format", "csv"])
    assert read_csv(capsys)["p_value"].tolist() == pytest.approx([1 / 1001])
    table[["b", "d"]].assign(y=y).to_csv(tmp_path / "t.csv", index=False)
    main(arguments)
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == "no feature is significant"
    main([*arguments, "--format", "json"])
    assert json.loads(capsys.readouterr().out) == []


def test_no_such_file(path, capsys):
    assert "did you mean 'table.csv'?" in error_of(
        capsys, "rank", "tabel.csv", "--target", "y"
    )
    assert "no file 'nowhere/table.csv'." in error_of(
        capsys, "rank", "nowhere/table.csv", "--target", "y"
    )


def test_no_such_column(path, capsys):
    error = error_of(capsys, "rank", path, "--target", "Colours")
    assert "no column 'Colours'" in error
    assert "did you mean 'colour'?" in error


def test_missing_values(path, table, capsys):
    table.loc[:2, "line"] = np.nan
    table.loc[7, "colour"] = None
    table.to_csv(path, index=False)
    error = error_of(capsys, "select", path, "--target", "y")
    assert "3 in 'line', 1 in 'colour'; impute them, or drop" in error


def test_missing_values_in_many_columns(path, capsys):
    holes = pd.DataFrame(np.full((4, 30), np.nan)).add_prefix("x")
    holes.to_csv(path, index=False)
    error = error_of(capsys, "rank", path, "--target", "x0")
    assert "4 in 'x4', and in 25 more columns;" in error


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("table.xlsx", b"", "is not one of .csv, .tsv, .parquet"),
        ("empty.csv", b"", "cannot read 'empty.csv'"),
        ("ragged.csv", b"a,y\n1,2\n1,2,3\n", "cannot read 'ragged.csv'"),
        ("binary.csv", bytes(range(256)), "cannot read 'binary.csv'"),
        ("binary.parquet", bytes(range(256)), "cannot read 'binary.parquet'"),
        ("only.csv", b"y\n1\n2\n", "no column except the target"),
        ("header.csv", b"x,y\n", "0 sample"),
        ("one_row.csv", b"x,y\n1,2\n", "at least two"),
        ("infinite.csv", b"x,y\n1,.1\ninf,.2\n3,.3\n4,.4\n5,.5\n", "column 'x'"),
        ("unique.csv", b"x,y\n1,3\n2,4\n", "set --task regression"),
    ],
)
def test_bad_tables(name, content, message, path, tmp_path, capsys):
    if name == "binary.parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(content)
    assert message in error_of(capsys, "rank", name, "--target", "y")


def test_parquet_without_pyarrow(path, tmp_path, capsys, monkeypatch):
    (tmp_path / "table.parquet").touch()
    for engine in ["pyarrow", "fastparquet"]:
        monkeypatch.setitem(sys.modules, engine, None)
    error = error_of(capsys, "rank", "table.parquet", "--target", "y")
    assert "pip install pyarrow" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rank", "--estimator", "knn"], list(ESTIMATORS)),
        (["select", "--criterion", "jim"], list(CRITERIA)),
        (["select", "-k", "0"], ["positive int"]),
        (["rank", "--top", "-1"], ["positive int"]),
        (["select", "-k", "all"], ["positive int or auto"]),
        (["select", "-k", "auto", "--alpha", "1"], ["number from 0.0001 to 1"]),
        (["select", "-k", "auto", "--alpha", "1e-7"], ["number from 0.0001 to 1"]),
        (["select", "--alpha", "0.1"], ["--alpha needs -k auto"]),
        (["rank", "--n-jobs", "0"], ["--n-jobs 0"]),
    ],
)
def test_bad_arguments(arguments, message, path, capsys):
    command, *options = arguments
    error = error_of(capsys, command, path, "--target", "y", *options)
    assert all(part in error for part in message)


@pytest.mark.filterwarnings("default:n_features_to_select")
def test_warnings_are_one_line(path, capsys):
    command = ["select", path, "--target", "y", "-k", "9", "--estimator", "ksg"]
    assert main(command) == 0
    assert capsys.readouterr().err == (
        "skmi: warning: -k 9 is greater than the number of features, 5: all are "
        "selected.\n"
    )


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("command", ["rank", "select"])
def test_warning_of_identifiers(command, path, table, capsys):
    table.assign(code=[f"row {i}" for i in range(len(table))]).to_csv(path, index=False)
    plain = ["--estimator", "plugin", "--correction", "none"]
    assert main([command, path, "--target", "y", *plain]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert any("the levels of 'code' have fewer than 5 samples" in x for x in lines)
    assert any("--estimator plugin --correction chance" in line for line in lines)


# A value of each parameter that has an option, and the option for this value.
OPTIONS = [
    ("discrete_target", "auto", "--task auto"),
    ("discrete_target", True, "--task classification"),
    ("discrete_target", False, "--task regression"),
    ("exchange", "groups", "--exchange groups"),
    ("exchange", 20, "--exchange 20"),
    ("n_features_to_select", 4, "-k 4"),
    ("n_features_to_select", "auto", "-k auto"),
    ("n_jobs", 0, "--n-jobs 0"),
]
WITHOUT_OPTION = {"n_permutations", "p_value"}


def settings_in_messages():
    """Return the names of all parameters that messages of the library mention."""
    for file in Path(skmi.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Setting":
                name, *_ = node.args
                # Only functions that read any variable compute the name.
                is_literal = isinstance(name, ast.Constant)
                yield name.value if is_literal else "discrete_target"


def test_every_parameter_in_a_message_has_its_option():
    mentioned = set(settings_in_messages())
    assert mentioned - WITHOUT_OPTION == {*_OPTIONS} == {name for name, *_ in OPTIONS}


@pytest.mark.parametrize("owner", ["", "PlugIn"])
@pytest.mark.parametrize(("parameter", "value", "option"), OPTIONS)
def test_errors_name_options(
    parameter, value, option, owner, path, capsys, monkeypatch
):
    """Only the setting is translated; other words are printed unchanged."""
    text = f"any words; {parameter}={value!r} and {parameter} remain; set "
    error = ParameterError(text, Setting(parameter, value, owner), ".")
    assert f"{text}{owner}" in str(error)
    monkeypatch.setattr(skmi, "MIScorer", mock.Mock(side_effect=error))
    printed = error_of(capsys, "rank", path, "--target", "y")
    assert printed == f"skmi: error: {text}{option}.\n"


@pytest.mark.filterwarnings("default:any words")
@pytest.mark.parametrize(("parameter", "value", "option"), OPTIONS)
def test_warnings_name_options(parameter, value, option, path, capsys, monkeypatch):
    def make(*args, **parameters):
        pieces = "any words ", Setting(parameter, value), f", not {parameter}"
        warnings.warn(ParameterWarning(*pieces), stacklevel=1)
        return feature_scores.MIScorer(*args, **parameters)

    monkeypatch.setattr(skmi, "MIScorer", make)
    assert main(["rank", path, "--target", "y"]) == 0
    printed = capsys.readouterr().err
    assert printed == f"skmi: warning: any words {option}, not {parameter}\n"


@pytest.mark.parametrize(("parameter", "value", "option"), OPTIONS)
def test_named_options_exist(parameter, value, option, path, capsys):
    """The parser accepts the option; an error may concern its value only."""
    arguments = ["select", path, "--target", "y", "--correction", "chance"]
    try:
        main([*arguments, "-k", "2", *option.split()])
    except SystemExit:
        error = capsys.readouterr().err
        assert "unrecognized" not in error
        assert "invalid" not in error


def test_parameters_without_an_option(path, capsys, monkeypatch):
    error = ParameterError(Setting("n_permutations", 9), " is small.")
    monkeypatch.setattr(skmi, "MIScorer", mock.Mock(side_effect=error))
    printed = error_of(capsys, "rank", path, "--target", "y")
    assert printed == "skmi: error: n_permutations=9 is small.\n"


@pytest.mark.filterwarnings("default:reworded")
def test_reworded_messages_name_options(path, capsys, monkeypatch):
    """Only settings are translated, so the words of a message may change."""

    def reword(message):
        def make(*pieces):
            is_setting = [isinstance(piece, Setting) for piece in pieces]
            assert any(is_setting)
            reworded = zip(pieces, is_setting, strict=True)
            return message("reworded ", *(x if kept else "/" for x, kept in reworded))

        return make

    # With raising=True, the default, the names must exist in these modules.
    monkeypatch.setattr(
        "skmi.selection._mi_selector.ParameterWarning", reword(ParameterWarning)
    )
    monkeypatch.setattr("skmi._data.encoding.ParameterError", reword(ParameterError))
    monkeypatch.setattr("skmi._utils.parallel.ParameterError", reword(ParameterError))
    command = ["select", path, "--target", "y", "-k", "9", "--estimator", "ksg"]
    assert main(command) == 0
    assert capsys.readouterr().err == "skmi: warning: reworded -k 9/\n"
    error = error_of(capsys, "rank", path, "--target", "y", "--n-jobs", "0")
    assert error == "skmi: error: reworded --n-jobs 0/\n"
    text = ["rank", path, "--target", "colour", "--task", "regression"]
    error = error_of(capsys, *text)
    assert error == "skmi: error: reworded /--task auto/--task classification/\n"


def test_text_cannot_be_a_regression_target(path, capsys):
    text = ["rank", path, "--target", "colour", "--task", "regression"]
    error = error_of(capsys, *text)
    assert "not numeric" in error
    assert "set --task auto or --task classification." in error
    assert "discrete_target" not in error


@pytest.mark.parametrize("command", ["rank", "select"])
def test_correction(command, path, table, capsys):
    """Corrected for chance, an identifier scores 0 without a warning."""
    table.assign(code=[f"row {i}" for i in range(len(table))]).to_csv(path, index=False)
    arguments = [command, path, "--target", "y", "--correction", "chance"]
    arguments += ["-k", "6"] if command == "select" else []
    assert main([*arguments, "--estimator", "plugin", "--format", "json"]) == 0
    output = capsys.readouterr()
    found = {row["feature"]: row["mi_bits"] for row in json.loads(output.out)}
    assert abs(found["code"]) < 1e-12 < max(found.values())
    assert "code" not in output.err
    with pytest.raises(SystemExit):
        main([*arguments, "--estimator", "ksg"])
    assert "--correction needs --estimator plugin" in capsys.readouterr().err


def test_module(path):
    run = subprocess.run(
        [sys.executable, "-m", "skmi", "rank", path, "--target", "y"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("feature")
    assert run.stderr == ""


def test_module_reports_errors_as_skmi():
    run = subprocess.run(
        [sys.executable, "-m", "skmi"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.startswith("skmi: error: ")


def test_closed_pipe(path):
    read_end, write_end = os.pipe()
    os.close(read_end)
    run = subprocess.run(
        [sys.executable, "-m", "skmi", "rank", path, "--target", "y"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write_end)
    assert run.returncode == 1
    assert run.stderr == ""
