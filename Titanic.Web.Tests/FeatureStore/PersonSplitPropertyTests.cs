using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using static Titanic.Web.Tests.FeatureStore.TrainingDatasetHelpers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Properties of the split of stored rows for random batches in random order.</summary>
[Properties(Arbitrary = [typeof(Deliveries)], MaxTest = 15)]
public sealed class PersonSplitPropertyTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    /// <summary>Every batch adds passengers to a source, or changes age, fare, class or outcome of stored ones.</summary>
    [Property]
    public async Task Persons_never_change_sides_when_data_are_added(Delivery[] deliveries)
    {
        var sides = new Dictionary<(string, string), bool>();
        foreach (var delivery in deliveries)
        {
            await Workflow.Ingest(delivery.Source, TestWorkflow.FirstDay, delivery.Passengers);
            foreach (var row in await Workflow.Rows(Definition(long.MaxValue)))
            {
                var side = sides.GetValueOrDefault((row.Source, row.SourceKey), row.IsHeldOut);
                Assert.Equal(side, row.IsHeldOut);
                sides[(row.Source, row.SourceKey)] = side;
            }
        }
    }

    /// <summary>The bundled dataset and Kaggle's have the same passengers with other ids and spellings.</summary>
    [Property]
    public async Task All_rows_of_a_person_are_on_the_same_side(Delivery[] deliveries)
    {
        foreach (var delivery in deliveries)
        {
            await Workflow.Ingest(PassengerSources.Titanic3, TestWorkflow.FirstDay, delivery.Passengers);
            await Workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay,
                [.. delivery.Passengers.Select(passenger => passenger with { SourceKey = $"kaggle {passenger.SourceKey}", Name = passenger.Name?.ToUpperInvariant().Replace(",", " ,"), AgeInYears = null })]);
        }

        var names = await NamesByKey();
        var sides = (await Workflow.Rows(Definition(long.MaxValue)))
            .Where(row => names[(row.Source, row.SourceKey)].Length > 0)
            .GroupBy(row => names[(row.Source, row.SourceKey)].ToUpperInvariant().Replace(" ,", ","));
        Assert.All(sides, person => Assert.Single(person.Select(row => row.IsHeldOut).Distinct()));
    }

    [Property(MaxTest = 100)]
    public void The_share_held_out_is_close_to_the_requested_share(int salt, byte hundredths)
    {
        var share = hundredths % 101 / 100.0;
        var split = new PersonSplit($"salt {salt}", share);
        const int persons = 2_000;

        var held = Enumerable.Range(0, persons).Count(person => split.IsHeldOut(PersonKey.Of($"person {person}")));

        // Five standard deviations of a binomial count: a correct split exceeds them about once in a million runs.
        Assert.InRange(held, share * persons - 5 * Math.Sqrt(persons * share * (1 - share)), share * persons + 5 * Math.Sqrt(persons * share * (1 - share)));
    }

    private async Task<Dictionary<(string, string), string>> NamesByKey()
    {
        var names = new Dictionary<(string, string), string>();
        await using var command = Database.DataSource.CreateCommand("select source, source_key, coalesce(name, '') from passengers where superseded_by is null");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            names[(reader.GetString(0), reader.GetString(1))] = reader.GetString(2);
        return names;
    }

    public sealed record Delivery(string Source, Passenger[] Passengers)
    {
        public override string ToString() => $"{Source}: {string.Join("; ", Passengers.AsEnumerable())}";
    }

    private static class Deliveries
    {
        /// <summary>Keys and names come from small sets, so that batches overlap; a key always has the same name.</summary>
        public static Arbitrary<Delivery[]> Some() => (
            from deliveries in Gen.Choose(1, 5)
            from all in One.ArrayOf(deliveries)
            select all).ToArbitrary();

        private static Gen<Delivery> One =>
            from source in Gen.Elements(PassengerSources.All.ToArray())
            from count in Gen.Choose(1, 12)
            from passengers in Person.ArrayOf(count)
            select new Delivery(source, [.. passengers.DistinctBy(passenger => passenger.SourceKey)]);

        private static Gen<Passenger> Person =>
            from key in Gen.Choose(1, 40)
            from pclass in Gen.Choose(1, 3)
            from age in Gen.Choose(0, 90)
            from fare in Gen.Choose(0, 600)
            from survived in Gen.Elements(true, false)
            select new Passenger($"{key}", key % 5 == 0 ? null : $"Name {key % 20}, Mr. Some", pclass, Sex.Female, age == 0 ? null : age, fare, survived);
    }
}
