"""Truth files: what is read, what is left out, what is refused and in which words."""

import pytest

from khcn.engines.vision.evaluate.truth import TruthError, parse_mot, read_mot


def test_mot15_counts_frames_from_zero_and_ignores_world_coordinates():
    truth = parse_mot(["1,9,499,158,31.5,75,1,-4.1,-7.3,0", "", "# note", "3,9,500,158,30,76,1,-4,-7,0"])
    assert sorted(truth.frames) == [0, 2]
    assert truth.at(0).boxes.tolist() == [[499, 158, 530.5, 233]]
    assert truth.at(0).feet.tolist() == [[514.75, 233]]
    assert len(truth.at(1).ids) == 0


def test_mot17_keeps_considered_pedestrians_only():
    lines = ["1,1,0,0,10,20,1,1,0.9", "1,2,0,0,10,20,1,7,0.9", "1,3,0,0,10,20,0,1,0.9"]
    assert parse_mot(lines, "mot17").at(0).ids.tolist() == [1]
    assert parse_mot(lines, "mot15").at(0).ids.tolist() == [1, 2]


@pytest.mark.parametrize(
    "line", ["1 4 10 20 30 40", "1;4;10;20;30;40", "1\t4\t10\t20\t30\t40", " 1 , 4,10,20,30, 40 ,"]
)
def test_other_separators(line):
    assert parse_mot([line]).at(0).ids.tolist() == [4]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["1,1,0,0,10,20", "1,x,0,0,10,20"], "Dòng 2"),
        (["1,1,0,0,10"], "6 cột"),
        (["0,1,0,0,10,20"], "từ 1"),
        (["1.5,1,0,0,10,20"], "từ 1"),
        (["1,1,0,0,nan,20"], "vô hạn"),
        (["1,1,0,0,0,20"], "bằng 0"),
        (["1,1,0,0,10,20", "2,1,0,0,10,20", "1,1,5,5,10,20"], "Dòng 3"),
        (["", "#"], "không có khung"),
        (["1,1,0,0,10,20,0"], "không có khung"),
    ],
)
def test_refusals_name_the_line(lines, words):
    with pytest.raises(TruthError) as caught:
        parse_mot(lines)
    assert words in str(caught.value)


def test_files(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_bytes(b"\xef\xbb\xbf1,1,0,0,10,20\r\n")
    assert read_mot(path).at(0).ids.tolist() == [1]
    path.write_bytes(b"\xff\xfe\x00")
    for broken, form in ((path, "mot15"), (tmp_path / "none", "mot15"), (path, "kitti")):
        with pytest.raises(TruthError) as caught:
            read_mot(broken, form)
        assert str(caught.value)
