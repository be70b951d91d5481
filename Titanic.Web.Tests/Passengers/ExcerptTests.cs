using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class ExcerptTests
{
    [Fact]
    public void Escapes_control_characters_and_text_direction_marks()
    {
        Assert.Equal("a\\nb\\tc\\u0000\\u001B\\u202E\\u2028é", Excerpt.Truncate("a\nb\tc\0\u001B\u202E\u2028é"));
    }

    [Fact]
    public void Truncates_without_splitting_a_surrogate_pair()
    {
        var text = new string('a', Excerpt.CellLength - 1) + "😀tail";

        Assert.Equal(new string('a', Excerpt.CellLength - 1) + "…", Excerpt.Truncate(text));
    }

    [Fact]
    public void Keeps_a_short_record_without_its_line_break() =>
        Assert.Equal("1,0,3", Excerpt.TruncateRecord("1,0,3\n"));
}
