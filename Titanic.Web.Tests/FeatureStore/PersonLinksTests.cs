using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Which rows are the same person.</summary>
public sealed class PersonLinksTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;
    private static readonly Passenger James = new("1", "Kelly, Mr. James", 3, Sex.Male, 34.5, 7.8292, false);
    private static readonly Passenger OtherJames = new("2", "Kelly, Mr. James", 3, Sex.Male, 44, 8.05, false);

    [Fact]
    public async Task The_bundled_list_has_1309_persons_of_whom_two_pairs_share_a_name()
    {
        await Workflow.Run(PipelineNames.Feature, Day, RunRequest.BundledDataset);

        Assert.Equal(1309, await Workflow.Count("passengers", "person_id = passenger_id"));
        Assert.Equal(
            "Connolly, Miss. Kate (2), Kelly, Mr. James (2)",
            await Workflow.Scalar<string>("select string_agg(format('%s (%s)', name, rows), ', ' order by name) from (select min(name) as name, count(*) as rows from passengers group by person_key having count(*) > 1) x"));
        var points = await Workflow.InScope<TrainingDatasets, TrainingPoints>(async datasets => await datasets.ReadPoints(await Definition(PassengerSources.All), Cancellation));
        Assert.Equal([2, 2], points.Points.Where(point => point.Group is not null).GroupBy(point => point.Group).Select(group => group.Sum(point => point.Rows)));
    }

    [Theory]
    [InlineData("Kelly, Mr. James", 3, Sex.Male, 34.5, 7.8292, 1L)] // a copy
    [InlineData("KELLY, MR JAMES", 3, Sex.Male, 34.5, 7.8292, 1L)] // with another spelling
    [InlineData("Kelly, Mr. James", 3, Sex.Male, 35.0, 7.8292, 1L)] // with a corrected age
    [InlineData("Kelly, Mr. James", 3, Sex.Male, 35.5, 7.8, 1L)] // with another rounding
    [InlineData("Kelly, Mr. James", 2, Sex.Male, 34.5, 7.8292, 1L)] // with another class
    [InlineData("Kelly, Mr. James", 3, Sex.Male, null, null, 1L)] // without age and fare: of both persons the first
    [InlineData("Kelly, Mr. James", 3, Sex.Male, null, 8.05, 2L)] // without age: the person with this fare
    [InlineData("Kelly, Mr. James", 3, Sex.Male, 60.0, 50.0, 3L)] // neither age nor fare of one of them: a third person
    [InlineData("Kelly, Mr. James", 3, Sex.Female, 34.5, 7.8292, 3L)] // another sex
    [InlineData("Kelly, Mr. Jim", 3, Sex.Male, 34.5, 7.8292, 3L)] // another name
    [InlineData(null, 3, Sex.Male, 34.5, 7.8292, 3L)] // no name
    public async Task Links_a_row_of_another_source(string? name, int pclass, Sex sex, double? age, double? fare, long person)
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, James, OtherJames);
        await Workflow.Ingest(PassengerSources.Api, Day, new Passenger("9", name, pclass, sex, age, fare, true));

        Assert.Equal((long[])[1, 2, person], await PersonIds());
        var sharesFold = await Workflow.Scalar<bool>("select count(distinct person_key) = 1 from passengers");
        Assert.Equal(name?.StartsWith("Kelly, Mr. James", StringComparison.OrdinalIgnoreCase) == true || name?.StartsWith("KELLY", StringComparison.Ordinal) == true, sharesFold);
    }

    [Fact]
    public async Task Links_copies_within_one_file_in_the_order_of_its_lines()
    {
        await Workflow.Ingest(
            PassengerSources.Upload, Day,
            James, OtherJames, James with { SourceKey = "3", AgeInYears = 35 }, OtherJames with { SourceKey = "4" }, James with { SourceKey = "5", AgeInYears = 35, FareInPounds = 8 });

        // Row 5 agrees with row 3 in class and age, and so belongs to the person of row 1.
        Assert.Equal((long[])[1, 2, 1, 2, 1], await PersonIds());
    }

    [Fact]
    public async Task A_correction_keeps_the_person_and_a_new_name_is_compared_again()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, James, OtherJames with { Name = "Kelly, Mr. John" });
        await Workflow.Ingest(PassengerSources.Upload, Day, James with { AgeInYears = 50 });
        Assert.Equal((long[])[1, 2], await PersonIds());

        await Workflow.Ingest(PassengerSources.Upload, Day, OtherJames with { AgeInYears = 50 });
        Assert.Equal((long[])[1, 1], await PersonIds());

        await Workflow.Ingest(PassengerSources.Upload, Day, OtherJames with { Name = "Kelly, Mr. John", AgeInYears = 50 });
        Assert.Equal((long[])[1, 2], await PersonIds());
    }

    /// <summary>The first row of a person gets another name: the copies keep their person, and the row is another person.</summary>
    [Fact]
    public async Task A_key_that_is_used_for_another_person_does_not_remove_the_first_one()
    {
        var alpha = James with { Name = "Alpha, Mr. A" };
        var beta = new Passenger("1", "Beta, Mrs. B", 1, Sex.Female, 50, 80, true);
        await Workflow.Ingest(PassengerSources.Upload, Day, alpha, alpha with { SourceKey = "2" });
        await Workflow.Ingest(PassengerSources.Upload, Day, beta);
        Assert.Equal(["upload/1", "upload/2"], await LearnedRows(PassengerSources.All));

        await Workflow.Ingest(PassengerSources.Upload, Day, alpha with { SourceKey = "3" }, beta with { SourceKey = "4" });
        Assert.Equal(["upload/1", "upload/2"], await LearnedRows(PassengerSources.All));

        await Delete(["1"]);
        Assert.Equal(["upload/2", "upload/4"], await LearnedRows(PassengerSources.All));
    }

    [Fact]
    public async Task Corrected_values_are_compared_again()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, James, OtherJames, James with { SourceKey = "3" });
        Assert.Equal((long[])[1, 2, 1], await PersonIds());

        await Workflow.Ingest(PassengerSources.Upload, Day, James with { SourceKey = "3", Pclass = 1, AgeInYears = 60, FareInPounds = 50 });
        Assert.Equal((long[])[1, 2, 3], await PersonIds());

        await Workflow.Ingest(PassengerSources.Upload, Day, OtherJames with { SourceKey = "3" });
        Assert.Equal((long[])[1, 2, 2], await PersonIds());
    }

    /// <summary>The first row of a person becomes another person: its copies are one person of their own.</summary>
    [Fact]
    public async Task Copies_of_a_corrected_first_row_are_linked_again()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, James, James with { SourceKey = "2" }, James with { SourceKey = "3" });
        var corrected = await Workflow.Ingest(PassengerSources.Upload, Day, James with { Sex = Sex.Female, Pclass = 1, AgeInYears = 60, FareInPounds = 100 });

        Assert.Equal((long[])[1, 2, 2], await PersonIds());
        Assert.Equal((1, 2), (corrected.Updated, corrected.Relinked));
        Assert.Equal(3, await Workflow.Scalar<int>("select rows_updated from commits order by commit_id desc limit 1"));
        Assert.Equal(["upload/1", "upload/2"], await LearnedRows(PassengerSources.All));

        var repeated = await Workflow.Ingest(PassengerSources.Upload, Day, James, James with { SourceKey = "2" }, James with { SourceKey = "3" });
        Assert.Equal((long[])[1, 1, 1], await PersonIds());
        Assert.Equal((1, 2, 2), (repeated.Updated, repeated.Unchanged, repeated.Relinked));
    }

    /// <summary>Row 3 is a copy of row 2, which is corrected to a copy of row 1.</summary>
    [Fact]
    public async Task Copies_of_a_row_that_becomes_a_copy_are_linked_to_the_same_person()
    {
        var second = James with { SourceKey = "2", AgeInYears = 50, FareInPounds = 20 };
        await Workflow.Ingest(PassengerSources.Upload, Day, James with { AgeInYears = 30, FareInPounds = 7 });
        await Workflow.Ingest(PassengerSources.Upload, Day, second, second with { SourceKey = "3", FareInPounds = null });
        Assert.Equal((long[])[1, 2, 2], await PersonIds());

        await Workflow.Ingest(PassengerSources.Upload, Day, second with { AgeInYears = 30, FareInPounds = 7 });

        Assert.Equal((long[])[1, 1, 1], await PersonIds());
        Assert.Equal(["upload/1"], await LearnedRows(PassengerSources.All));
    }

    /// <summary>
    /// The persons after random insertions, corrections, renames and deletions are those of the same rows ingested in one file: links depend
    /// on the current rows only.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Links_do_not_depend_on_the_history_of_corrections(int seed)
    {
        var random = new Random(seed);
        for (var batch = 0; batch < 15; batch++)
        {
            if (batch % 4 == 3)
                await Delete([.. Enumerable.Range(0, 3).Select(_ => $"{random.Next(1, 25)}").Distinct()]);
            else
                await Workflow.Ingest(PassengerSources.Upload, Day, [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => RandomPassenger(random)).DistinctBy(passenger => passenger.SourceKey)]);
        }
        var rows = await Workflow.Query(db => Task.FromResult(db.Passengers.Where(p => p.SupersededBy == null).OrderBy(p => p.PassengerId).ToList()));
        var persons = await PersonIds();
        Assert.Contains(persons, person => persons.Count(other => other == person) > 1);

        await Delete([.. rows.Select(row => row.SourceKey)]);
        await Workflow.Ingest(
            PassengerSources.Upload, Day,
            [.. rows.Select(row => new Passenger(row.SourceKey, row.Name, row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds, null, Person: row.Person))]);

        Assert.Equal(persons, await PersonIds());
    }

    private static Passenger RandomPassenger(Random random) => new(
        $"{random.Next(1, 25)}", random.Next(6) switch { 0 => null, var name => $"Name {name % 3}" }, random.Next(1, 3), random.Next(4) == 0 ? Sex.Female : Sex.Male,
        random.Next(4) switch { 0 => null, var age => 20 * age }, random.Next(3) == 0 ? null : 10 * random.Next(1, 4), null,
        Person: random.Next(4) == 0 ? $"person {random.Next(2)}" : null);

    private Task<IngestionResult> Delete(IReadOnlyList<string> keys) => Workflow.InScope<Ingestion, IngestionResult>(ingestion =>
        ingestion.Delete(PassengerSources.Upload, keys, "a test", new Provenance(null, "test"), Cancellation));

    [Theory]
    [InlineData("O'Testa, Mr. B", "O’Testa, Mr. B", true)]
    [InlineData("Anne-Marie, Mrs.", "Anne–Marie Mrs", true)]
    [InlineData("Gröndahl, Mr. Ö", "GRÖNDAHL, MR. Ö", true)]
    [InlineData("Gro\u0308ndahl, Mr. O\u0308", "GRÖNDAHL, MR. Ö", true)]
    [InlineData("Nguye\u0302\u0303n, Mrs.", "Nguyễn, Mrs.", true)]
    [InlineData("Gröndahl, Mr. O", "Grondahl, Mr. O", false)]
    [InlineData("Karlsson, Mr. K", "Carlsson, Mr. K", false)]
    [InlineData("?", "-", false)]
    [InlineData("...", "...", false)]
    [InlineData("\U00010410\U00010401", "\U00010410 \U00010401", true)]
    public void Names_are_compared_by_letters_and_digits(string name, string other, bool areEqual) => Assert.Equal(
        areEqual, PersonKey.Of(PassengerSources.Upload, James with { SourceKey = "1", Name = name }) == PersonKey.Of(PassengerSources.Upload, James with { SourceKey = "2", Name = other }));

    /// <summary>Rows of one source without a name are one person if the source declares it, whatever their values.</summary>
    [Fact]
    public async Task Links_rows_that_their_source_declares_as_one_person()
    {
        Passenger first = new("1", null, 3, Sex.Male, 34, 7, false, Person: "P 1");
        await Workflow.Ingest(
            PassengerSources.Upload, Day,
            first, new("2", null, 1, Sex.Female, 60, 80, true, Person: "P 1"), first with { SourceKey = "3", Person = "P 2" }, first with { SourceKey = "4", Person = null });
        await Workflow.Ingest(PassengerSources.Api, Day, first with { SourceKey = "5" });
        await Workflow.Ingest(PassengerSources.Upload, Day, first with { SourceKey = "6", AgeInYears = 70 });

        Assert.Equal((long[])[1, 1, 3, 4, 5, 1], await PersonIds());
        Assert.Equal(4, await Workflow.Scalar<long>("select count(distinct person_key) from passengers"));
        Assert.Equal(["api/5", "upload/1", "upload/3", "upload/4"], await LearnedRows(PassengerSources.All));

        await Workflow.Ingest(PassengerSources.Upload, Day, first with { SourceKey = "3", Person = "P 1" });
        Assert.Equal((long[])[1, 1, 1, 4, 5, 1], await PersonIds());

        await Workflow.Ingest(PassengerSources.Upload, Day, first with { SourceKey = "3", Person = "P 2" });
        Assert.Equal((long[])[1, 1, 3, 4, 5, 1], await PersonIds());
    }

    [Fact]
    public async Task A_name_precedes_a_declared_person()
    {
        await Workflow.Ingest(
            PassengerSources.Upload, Day,
            James with { Person = "A" }, OtherJames with { Person = "B" }, James with { SourceKey = "3", Name = "Kelly, Mr. John", Person = "A" },
            new("4", "Kelly, Mr. James", 1, Sex.Male, 70, 90, true, Person: "A"));
        await Workflow.Ingest(PassengerSources.Api, Day, new Passenger("5", "Kelly, Mr. James", 1, Sex.Male, 10, 500, true, Person: "B"));

        // Row 4 has name and declared person of row 1; row 5 is of another source, so that its values are compared.
        Assert.Equal((long[])[1, 2, 3, 1, 5], await PersonIds());
    }

    [Fact]
    public async Task A_dataset_uses_the_first_labeled_row_of_a_person_that_it_can_read()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, James with { Survived = null }, OtherJames);
        await Workflow.Ingest(PassengerSources.Api, Day, James with { SourceKey = "8" }, OtherJames with { SourceKey = "9" });

        Assert.Equal(["api/8", "upload/2"], await LearnedRows(PassengerSources.All));
        Assert.Equal(["api/8", "api/9"], await LearnedRows([PassengerSources.Api]));

        await Workflow.Ingest(PassengerSources.Upload, Day, James);
        Assert.Equal(["upload/1", "upload/2"], await LearnedRows(PassengerSources.All));

        await Delete(["1"]);
        Assert.Equal(["api/8", "upload/2"], await LearnedRows(PassengerSources.All));
    }

    [Fact]
    public async Task Thousands_of_rows_with_one_name_are_linked_in_bounded_time()
    {
        var rows = Enumerable.Range(1, 2_000).Select(key => new Passenger($"{key}", "Doe, Mr. John", 1 + key % 3, Sex.Male, key % 80, key, key % 2 == 0)).ToArray();

        await Workflow.Ingest(PassengerSources.Upload, Day, rows);
        var again = await Workflow.Ingest(PassengerSources.Api, Day, rows);

        Assert.Equal(2_000, again.Inserted);
        Assert.Equal(1, await Workflow.Scalar<long>("select count(distinct person_key) from passengers"));
    }

    private async Task<long[]> PersonIds()
    {
        // Ids as if they started at 1 in each test.
        var rows = await Workflow.Query(db => Task.FromResult(db.Passengers.Where(p => p.SupersededBy == null).OrderBy(p => p.PassengerId).ToList()));
        long[] ids = [.. rows.Select(row => row.PassengerId)];
        return [.. rows.Select(row => Array.IndexOf(ids, row.PersonId) + 1L)];
    }

    private async Task<string[]> LearnedRows(IReadOnlyList<string> sources)
    {
        var rows = await Workflow.InScope<TrainingDatasets, List<TrainingRow>>(async datasets =>
            await datasets.Rows(await Definition(sources), Cancellation).ToListAsync(Cancellation));
        Assert.Equal(rows.Count, (await Workflow.InScope<TrainingDatasets, TrainingPoints>(async datasets => await datasets.ReadPoints(await Definition(sources), Cancellation))).Points.Sum(point => point.Rows));
        return [.. rows.Select(row => $"{row.Source}/{row.SourceKey}")];
    }

    private async Task<TrainingDatasetDefinition> Definition(IReadOnlyList<string> sources) => new(
        TrainingViews.Binned, await Workflow.Scalar<long>("select max(commit_id) from commits"), FeatureReader.StartOf(Day.AddDays(1)), sources);
}
