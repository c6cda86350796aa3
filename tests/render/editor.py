"""What an editor does with the places and the fixes of SARIF: it counts in units of UTF-16."""


def units(text, line, column):
    """The offset, in units of UTF-16, of a line and a column as an editor counts them."""
    lines = text.split("\n")
    return sum(len(each.encode("utf-16-le")) // 2 + 1 for each in lines[: line - 1]) + column - 1


def cut(text, region):
    """What a region marks, as an editor counts."""
    first = units(text, region["startLine"], region["startColumn"])
    last = units(text, region["endLine"], region["endColumn"])
    return text.encode("utf-16-le")[2 * first : 2 * last].decode("utf-16-le")


def applied(text, fix):
    """A text after a fix, as an editor makes it: from the end, so that places stay."""
    data = text.encode("utf-16-le")
    (changes,) = fix["artifactChanges"]
    for replacement in reversed(changes["replacements"]):
        region = replacement["deletedRegion"]
        first = 2 * units(text, region["startLine"], region["startColumn"])
        last = 2 * units(text, region["endLine"], region["endColumn"])
        data = data[:first] + replacement["insertedContent"]["text"].encode("utf-16-le") + data[last:]
    return data.decode("utf-16-le")
