"""What the page is made of."""

from cnnwidget.panel.stage import PARTS, STATIC


def test_every_file_of_the_page_is_joined_once():
    for kind, names in PARTS.items():
        assert sorted(names.split()) == sorted(path.stem for path in STATIC.glob(f"*.{kind}"))
