"""Contrast of colours on a page: https://www.w3.org/TR/WCAG21/"""

# As it meets the eye: what is see-through lies on what is behind it, up to the white page.
COLOURS = """(elements, own) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const painted = colours => {
        pen.fillStyle = "white";
        pen.fillRect(0, 0, 1, 1);
        for (const colour of colours) {
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
        }
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    return elements.map(element => {
        const behind = [];
        for (let at = element; at; at = at.parentElement) {
            behind.unshift(getComputedStyle(at).backgroundColor);
        }
        return [painted([...behind, own ?? getComputedStyle(element).color]), painted(behind)];
    });
}"""
WORDS = "elements => elements.map(element => element.innerText.trim())"


def contrast_of(locator, colour=None):
    """The contrast ratio of an element's text, or of a colour, with what is behind: 1 to 21."""
    [colours] = locator.evaluate(f"(element, own) => ({COLOURS})([element], own)", colour)
    return ratio_of(colours)


def read(texts):
    """How many of these elements have words that can be read; the first that cannot fails."""
    both = zip(texts.evaluate_all(WORDS), texts.evaluate_all(COLOURS), strict=True)
    worded = [(words, ratio_of(colours)) for words, colours in both if words]
    for words, ratio in worded:
        assert ratio >= 4.5, f"{ratio:.1f}: {words!r}"
    return len(worded)


def ratio_of(colours):
    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    """The relative luminance of red, green and blue, each up to 255: from 0 to 1."""
    channels = [value / 255 for value in colour]
    red, green, blue = (
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
