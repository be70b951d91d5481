using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Tests.Serving;

public sealed class PredictionRequestReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_the_same_inputs_for_any_chunk_size()
    {
        var body = Encoding.UTF8.GetBytes(
            """
             [ {"pclass": 1, "sex": "female", "age": 29.5, "fare": 151.55}, {"fare":null,"SEX":" Male ","pclass":3} ,{"pcl\u0061ss":2,"sex":"f\u0065male","age":1e1},
               {"pclass":"1.0","sex":"male","age":NaN,"fare":"NaN"}]
            """);
        PredictionInput[] expected =
            [new(1, Sex.Female, 29.5, 151.55), new(3, Sex.Male, null, null), new(2, Sex.Female, 10, null), new(1, Sex.Male, null, null)];

        for (var length = 1; length <= body.Length; length++)
        {
            using var reader = await Read(body, length);

            Assert.Null(reader.Problem(explain: false));
            Assert.Equal(expected, reader.Inputs.ToArray());
        }
    }

    [Fact]
    public async Task Reports_the_same_problems_for_any_chunk_size()
    {
        var body = Encoding.UTF8.GetBytes("""[{"pclass":"4","sex":"male","cabin":{"deck":["C",{"sex":7}]}},null,[[1]],{"age":-1,"sex":"x","sex":"male","pclass":2}]""");
        string[] expected =
        [
            "[0].cabin: There is no member \"cabin\"; there are pclass, sex, age, fare.",
            "[0].pclass: The class is \"4\"; it must be 1, 2 or 3.",
            "[1]: The input is null; it must be an object {pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}.",
            "[2]: The input is an array; it must be an object {pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}.",
            "[3].sex: The input has sex more than once; it must have it once.",
            "[3].age: The age is -1; it must be a plain number between 0 and 120 years, such as 29 or 0.75, or omitted if unknown.",
        ];

        for (var length = 1; length <= body.Length; length++)
        {
            using var reader = await Read(body, length);

            Assert.Equal(expected, Problems(reader));
        }
    }

    [Fact]
    public async Task Rejects_a_name_of_more_than_64_KiB()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"{{new string('x', 200_000)}}": 1}""");

        Assert.Contains("longer than 65,536 bytes", (await Assert.ThrowsAsync<JsonException>(() => Read(body, 4096))).Message);
    }

    [Fact]
    public async Task Reports_at_most_100_problems()
    {
        var body = $"[{string.Join(',', Enumerable.Repeat("""{"pclass": 9, "sex": "man"}""", 300))}]";

        using var reader = await Read(Encoding.UTF8.GetBytes(body), 4096);

        Assert.Equal(100, Problems(reader).Count);
        Assert.Equal(
            "300 of 300 inputs are invalid; no prediction was made. The first 100 problems are listed.",
            ((IValueHttpResult<HttpValidationProblemDetails>)reader.Problem(explain: false)!).Value!.Detail);
    }

    [Fact]
    public async Task Computes_the_digest_of_the_body_bytes()
    {
        var body = Encoding.UTF8.GetBytes("""{"pclass":1,  "sex":"male"}""");
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        using var reader = await Read(body, 3, digest);

        Assert.Equal(SHA256.HashData(body), digest.GetHashAndReset());
    }

    /// <summary>Compares the problems with those of <see cref="PredictionInputBuilder"/> for the same values.</summary>
    [Fact]
    public async Task Reports_the_problems_of_the_builder()
    {
        double?[] ages = [null, 0, 120, 120.0000001, -1, 1e300];
        double?[] fares = [null, 0, 10_000, 10_000.5, -0.01];
        foreach (var input in from pclass in (int?[])[null, 0, 1, 3, 4]
                              from sex in (string?[])[null, "", "male", "FEMALE", " male", "man"]
                              from age in ages
                              from fare in fares
                              select new { pclass, sex, age, fare })
        {
            using var reader = await Read(JsonSerializer.SerializeToUtf8Bytes(input, JsonSerializerOptions.Web), 4096);

            var builder = new PredictionInputBuilder();
            (PredictionField, double?)[] numbers =
                [(PredictionField.Pclass, input.pclass), (PredictionField.Age, input.age), (PredictionField.Fare, input.fare)];
            foreach (var (field, number) in numbers)
            {
                if (number is { } value)
                    builder.SetNumber(field, value);
            }
            if (input.sex is { } text)
                builder.SetText(PredictionField.Sex, text);
            Assert.Equal(builder.Problems().Select(problem => $"{problem.Field.Name()}: {problem.Sentence}"), Problems(reader));
            Assert.Equal(builder.Build() is { } built ? [built] : [], reader.Inputs.ToArray());
        }
    }

    private static IReadOnlyList<string> Problems(PredictionRequestReader reader) =>
        reader.Problem(explain: false) is IValueHttpResult<HttpValidationProblemDetails> { Value: { } problems }
        ? [.. problems.Errors.Select(error => $"{error.Key}: {error.Value.Single()}")]
        : [];

    private static async Task<PredictionRequestReader> Read(byte[] body, int pieceLength, IncrementalHash? digest = null)
    {
        var pipe = new Pipe();
        var sending = Send();
        var reader = new PredictionRequestReader();
        try
        {
            await reader.Read(pipe.Reader, digest, Cancellation);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await sending;
        }
        return reader;

        async Task Send()
        {
            foreach (var piece in body.Chunk(pieceLength))
                await pipe.Writer.WriteAsync(piece, Cancellation);
            await pipe.Writer.CompleteAsync();
        }
    }
}
