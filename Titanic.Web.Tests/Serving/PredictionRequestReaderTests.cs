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
    public async Task Questions_are_the_same_wherever_the_network_has_cut_them()
    {
        var body = Encoding.UTF8.GetBytes(
            """ [ {"pclass": 1, "sex": "female", "age": 29.5, "fare": 151.55}, {"fare":null,"SEX":" Male ","pclass":3} ,{"pcl\u0061ss":2,"sex":"f\u0065male","age":1e1}]  """);
        PredictionInput[] expected = [new(1, Sex.Female, 29.5, 151.55), new(3, Sex.Male, null, null), new(2, Sex.Female, 10, null)];

        for (var length = 1; length <= body.Length; length++)
        {
            using var reader = await Read(body, length);

            Assert.Null(reader.Problem(explain: false));
            Assert.Equal(expected, reader.Inputs.ToArray());
        }
    }

    [Fact]
    public async Task Problems_are_the_same_wherever_the_network_has_cut_them()
    {
        var body = Encoding.UTF8.GetBytes("""[{"pclass":"1","sex":"male","cabin":{"deck":["C",{"sex":7}]}},null,[[1]],{"age":-1,"sex":"x","sex":"male","pclass":2}]""");
        string[] expected =
        [
            "[0].cabin: The question has a member \"cabin\"; it may have pclass, sex, age and fare, and no other.",
            "[0].pclass: The class is the text \"1\"; it must be 1, 2 or 3.",
            "[1]: The question is null; it must be an object {pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}.",
            "[2]: The question is an array; it must be an object {pclass: 1|2|3, sex: \"male\"|\"female\", age?: years, fare?: pounds}.",
            "[3].sex: The question tells sex more than once; it must tell it once.",
            "[3].age: The age is -1; it must be 0 to 120 years, or left out if unknown.",
        ];

        for (var length = 1; length <= body.Length; length++)
        {
            using var reader = await Read(body, length);

            Assert.Equal(expected, Problems(reader));
        }
    }

    [Fact]
    public async Task A_name_as_long_as_a_body_is_not_kept()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"{{new string('x', 200_000)}}": 1}""");

        Assert.Contains("longer than 65536 bytes", (await Assert.ThrowsAsync<JsonException>(() => Read(body, 4096))).Message);
    }

    [Fact]
    public async Task Of_many_bad_questions_the_first_hundred_problems_are_told()
    {
        using var reader = await Read(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("""{"pclass": 9, "sex": "man"}""", 300))}]"), 4096);

        Assert.Equal(100, Problems(reader).Count);
        Assert.Equal(
            "Nothing was answered, because 300 of 300 questions cannot be understood; the first 100 problems are told.",
            ((IValueHttpResult<HttpValidationProblemDetails>)reader.Problem(explain: false)!).Value!.Detail);
    }

    [Fact]
    public async Task A_digest_is_of_the_bytes_as_they_were_sent()
    {
        var body = Encoding.UTF8.GetBytes("""{"pclass":1,  "sex":"male"}""");
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        using var reader = await Read(body, 3, digest);

        Assert.Equal(SHA256.HashData(body), digest.GetHashAndReset());
    }

    /// <summary>JSON adds nothing to what <see cref="PredictionInputBuilder"/> says of the same values.</summary>
    [Fact]
    public async Task The_builder_decides_which_inputs_are_valid()
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
            foreach (var (field, number) in ((PredictionField, double?)[])[(PredictionField.Pclass, input.pclass), (PredictionField.Age, input.age), (PredictionField.Fare, input.fare)])
            {
                if (number is { } value)
                    builder.SetNumber(field, value);
            }
            if (input.sex is { } text)
                builder.SetSex(text);
            Assert.Equal(builder.Problems().Select(problem => $"{problem.Field.Name()}: {problem.Sentence}"), Problems(reader));
            Assert.Equal(builder.Build() is { } built ? [built] : [], reader.Inputs.ToArray());
        }
    }

    private static IReadOnlyList<string> Problems(PredictionRequestReader reader) => reader.Problem(explain: false) is IValueHttpResult<HttpValidationProblemDetails> { Value: { } problems }
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
