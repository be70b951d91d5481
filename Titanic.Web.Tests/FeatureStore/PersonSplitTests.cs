using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>The split is deterministic (defect S4: the original drew a new one each day without a seed).</summary>
public sealed class PersonSplitTests(TestPostgres postgres)
{
    private static readonly long[] HistoricalKeys = [.. new BundledDataset().Passengers.Select(passenger => PersonKey.Of(BundledDataset.Source, passenger))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Expected values from Python: key = lambda text: int.from_bytes(sha256(text)[:8], "big", signed=True); the fraction is
    /// ((key("name" NUL NAME) ^ key(salt)) &amp; (2**63 - 1)) / 2**63, where NAME is the letters and digits of the name in upper case.
    /// </summary>
    [Theory]
    [InlineData("titanic split 1", "Braund, Mr. Owen Harris", 0.9464268498221008)]
    [InlineData("titanic split 1", "Anna", 0.2703395388067511)]
    [InlineData("titanic split 1", "Allen, Miss. Elisabeth Walton", 0.6526098595777249)]
    [InlineData("another salt", "Allen, Miss. Elisabeth Walton", 0.17734265912949393)]
    public void A_person_is_held_out_if_the_hash_fraction_is_below_the_share(string salt, string name, double fraction)
    {
        var key = PersonKey.Of("any source", new Passenger("1", name, 3, Sex.Male, null, null, null));

        Assert.False(new PersonSplit(salt, fraction - 1e-9).IsHeldOut(key));
        Assert.True(new PersonSplit(salt, fraction + 1e-9).IsHeldOut(key));
    }

    [Fact]
    public void Holds_out_241_rows_of_the_bundled_dataset()
    {
        // Counted with the same Python script: 18.4% of 1309; the expected share is 20% with a standard deviation of 1.1%.
        var split = new PersonSplit(PersonSplit.DefaultSalt, PersonSplit.DefaultShare);

        Assert.Equal(241, HistoricalKeys.Count(split.IsHeldOut));
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(1.0, 1309)]
    public void Share_0_holds_out_no_row_and_share_1_all_rows(double share, int held) =>
        Assert.Equal(held, HistoricalKeys.Count(new PersonSplit("titanic split 1", share).IsHeldOut));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Rejects_a_share_out_of_range(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PersonSplit("titanic split 1", share));

    [Fact]
    public async Task SQL_and_CSharp_hold_out_the_same_persons()
    {
        await using var database = await postgres.CreateDatabase();
        long[] keys = [.. HistoricalKeys, 0, -1, 1, long.MinValue, long.MaxValue];
        double[] shares = [0, double.Epsilon, 0.2, 1 / 3.0, 0.5, Math.BitDecrement(1), 1];
        foreach (var (salt, share) in from salt in (string[])["titanic split 1", "another salt", ""] from share in shares select (salt, share))
        {
            var split = new PersonSplit(salt, share);
            await using var command = database.DataSource.CreateCommand(
                $"select array_agg({PersonSplit.HeldOutSql} order by place) from unnest(@keys) with ordinality p (person_key, place)");
            command.Parameters.AddWithValue("keys", keys);
            split.AddParameters(command.Parameters);

            Assert.Equal(keys.Select(split.IsHeldOut), (bool[])(await command.ExecuteScalarAsync(Cancellation))!);
        }
    }

    /// <summary>All letters that PostgreSQL composes of a character and these marks.</summary>
    [Fact]
    public async Task Composes_letters_and_combining_marks_as_PostgreSQL_does()
    {
        await using var database = await postgres.CreateDatabase();
        await using var command = database.DataSource.CreateCommand(
            """
            select chr(code), normalize(chr(code), nfd) from generate_series(192, 65533) code
            where code not between 55296 and 57343 and normalize(chr(code), nfd) ~ '^.[\u0300-\u036F\u3099\u309A]+$' and chr(code) is nfc normalized
            """);
        var letters = 0;
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            if (!char.IsLetter(reader.GetString(0)[0]))
                continue;
            letters++;
            Assert.Equal(reader.GetString(0), ComposedLetters.Compose(reader.GetString(1)));
        }
        Assert.True(letters > 800);
    }

    [Fact]
    public async Task SQL_and_CSharp_assign_the_same_folds_of_similar_size()
    {
        await using var database = await postgres.CreateDatabase();
        long[] keys = [.. HistoricalKeys, 0, -1, 1, long.MinValue, long.MaxValue];
        await using var command = database.DataSource.CreateCommand(
            $"select array_agg({PersonSplit.FoldSql} order by place) from unnest(@keys) with ordinality p (person_key, place)");
        command.Parameters.AddWithValue("keys", keys);
        PersonSplit.AddFoldParameters(command.Parameters);

        Assert.Equal(keys.Select(PersonSplit.FoldOf), (int[])(await command.ExecuteScalarAsync(Cancellation))!);
        var sizes = HistoricalKeys.CountBy(PersonSplit.FoldOf).OrderBy(fold => fold.Key).ToList();
        Assert.Equal([0, 1, 2, 3, 4], sizes.Select(fold => fold.Key));
        Assert.All(sizes, fold => Assert.InRange(fold.Value, 262 - 58, 262 + 58)); // four standard deviations
    }
}
