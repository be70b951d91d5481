using System.Text.Json;

namespace Titanic.Web.Tests;

public sealed class ErrorTextTests
{
    [Fact]
    public void States_the_name_that_does_not_exist_and_those_that_exist()
    {
        Assert.Equal("There is no pipeline \"lunch\"; there are feature, inference.", ErrorText.UnknownName("pipeline", "lunch", ["feature", "inference"]));
        Assert.Equal("There is no model \"a\\u0000\"; there is only titanic_knn.", ErrorText.UnknownName("model", "a\0", ["titanic_knn"]));
        Assert.Equal("There is no member \"x\" of the body; there are none.", ErrorText.UnknownName("member", "x", [], " of the body"));
    }

    [Fact]
    public void States_the_value_and_the_values_allowed()
    {
        Assert.Equal("The policy is \"often\"; it must be always or strict.", ErrorText.Invalid("The policy", "often", ErrorText.OneOf(["always", "strict"])));
        Assert.Equal("The class is missing; it must be 1, 2 or 3.", ErrorText.Invalid("The class", null, ErrorText.OneOf(["1", "2", "3"])));
        Assert.Equal("The charset is empty; it must be utf-8.", ErrorText.Invalid("The charset", "", ErrorText.OneOf(["utf-8"])));
        Assert.Equal("The limit is 0; it must be between 1 and 200.", ErrorText.OutOfRange("The limit", 0, 1, 200));
        Assert.Equal("The limit is 10,001; it must be between 1 and 10,000.", ErrorText.OutOfRange("The limit", 10_001, 1, 10_000L));
        Assert.Equal("a whole number between 1 and 1,000", ErrorText.WholeNumber(1, 1_000));
        Assert.Equal("a whole number of at least 1", ErrorText.WholeNumber(1, long.MaxValue));
    }

    [Theory]
    [InlineData("{\n  \"pclass\": one}", "Line 2, byte 13: the body is not valid JSON. Check the quotes, commas and brackets at this position.")]
    [InlineData("", "Line 1, byte 1: the body is not valid JSON. ")]
    public void Counts_lines_and_bytes_of_JSON_from_1(string json, string message) =>
        Assert.StartsWith(
            message, ErrorText.InvalidJson(Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(json))), StringComparison.Ordinal);

    [Fact]
    public void States_that_the_limit_of_a_compressed_body_applies_to_its_decompressed_bytes()
    {
        Assert.Equal("The body has 11 bytes; it must have at most 10 bytes. Nothing was done.", ErrorText.BodyTooLarge(11, 10));
        Assert.Equal("The body is too long; it must have at most 10 bytes. Nothing was done.", ErrorText.BodyTooLarge(null, 10));
        Assert.Equal(
            "The body has 9 bytes compressed and is too long after decompression; decompressed, it must have at most 10 bytes. Nothing was done.",
            ErrorText.BodyTooLarge(9, 10));
    }
}
