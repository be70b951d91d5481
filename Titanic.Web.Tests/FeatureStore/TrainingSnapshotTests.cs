using System.Text;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class TrainingSnapshotTests
{
    private const string Header = "source,source_key,pclass,sex,age_group,fare_band,survived,held_out,fold\n";

    [Theory]
    [InlineData("1")]
    [InlineData("=1+1")]
    [InlineData("'=1+1")]
    [InlineData("'")]
    [InlineData("''quoted''")]
    [InlineData("\"")]
    [InlineData("one, \"two\"\nthree\r\nfour")]
    [InlineData("Ärzte 船")]
    [InlineData("")]
    public void Round_trips_a_row_with_any_key(string key)
    {
        var row = new TrainingRow("upload", key, 0, 0, [3, 1, 5, 10], true, false, 4);

        var read = Assert.Single(Read(Header + TrainingSnapshot.AppendRow(new StringBuilder(), row) + "\n"));

        Assert.Equal((row.Source, row.SourceKey, row.Survived, row.IsHeldOut, row.Fold), (read.Source, read.SourceKey, read.Survived, read.IsHeldOut, read.Fold));
        Assert.Equal(row.Features, read.Features);
    }

    [Theory]
    [InlineData(0.1 + 0.2, 1.098612289)]
    [InlineData(120, 0)]
    [InlineData(0, 709.7827129)]
    public void Round_trips_numbers_exactly(double age, double logFare)
    {
        var row = new TrainingRow("api", "1", 0, 0, [1, 0, age, logFare], false, true, 0);
        var csv = $"{TrainingSnapshot.Header(NumericEncoder.Schema, isByPerson: false)}\n{TrainingSnapshot.AppendRow(new StringBuilder(), row)}\n";

        Assert.Equal(row.Features, Assert.Single(Read(csv, TrainingViews.Numeric)).Features);
    }

    [Theory]
    [InlineData("", "do not begin with the header")]
    [InlineData("source\n", "do not begin with the header")]
    [InlineData("\uFEFF" + Header, "do not begin with the header")]
    [InlineData(Header + "upload,1,3,1,5,10,1\n", "Record 2 of the rows is \"upload,1,3,1,5,10,1\"; it is not a canonical row of titanic_binned v1.")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,4,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,11,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5.5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,NaN,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,1e999,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,03,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1, 3,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,\"1\",3,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,10,2,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,5\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\r\n", "not a canonical row")]
    [InlineData(Header + "titanic4,1,3,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "\nupload,1,3,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\n\n", "not a canonical row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\rupload,2,3,1,5,10,1,0,2\n", "Record 2")]
    [InlineData(Header + "upload,a\0b,3,1,5,10,1,0,2\n", "not a canonical row")]
    [InlineData(Header + "upload,2,3,1,5,10,1,0,2\nupload,1,3,1,5,10,1,0,2\n", "Record 3 of the rows is \"upload,1,3,1,5,10,1,0,2\"; it must come after the previous record")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\nupload,1,3,1,5,10,0,0,2\n", "it must come after the previous record")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2", "Record 2 of the rows is cut off")]
    [InlineData(Header + "upload,\"1,3,1,5,10,1,0,2\n", "Record 2 of the rows is cut off")]
    public void Rejects_a_file_that_is_not_canonical(string csv, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void Rejects_invalid_UTF8_with_its_position()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Header + "upload,"), 0xE9, .. Encoding.UTF8.GetBytes(",3,1,5,10,1,0,2\n")];

        var exception = Assert.Throws<InvalidDataException>(() => TrainingSnapshot.Read(new MemoryStream(bytes), TrainingViews.Binned, split: null).ToList());

        Assert.Contains($"byte {Header.Length + 8} of the file (0xE9) is not valid UTF-8", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>PostgreSQL sorts by UTF-8 bytes: U+FF5E comes before U+1F600, unlike in ordinal comparison of .NET strings.</summary>
    [Fact]
    public void Keys_are_sorted_by_UTF8_bytes() =>
        Assert.Equal(["～", "😀"], Read(Header + "upload,～,3,1,5,10,1,0,2\nupload,😀,3,1,5,10,1,0,2\n").Select(row => row.SourceKey));

    [Fact]
    public void The_content_has_the_digest_and_the_weighted_points()
    {
        TrainingRow[] rows =
        [
            new("titanic3", "1", 0, 0, [3, 0, 0, 0], true, false, 1), new("titanic3", "2", 0, 0, [3, 0, 0, 0], true, false, 1), new("titanic3", "3", 0, 0, [3, 0, 0, 0], false, true, 3),
        ];
        using var digest = new TrainingDigest(TrainingViews.Binned);
        var csv = new StringBuilder(Header);
        foreach (var row in rows)
        {
            digest.Add(row);
            TrainingSnapshot.AppendRow(csv, row).Append('\n');
        }

        var content = SnapshotContent.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), TrainingViews.Binned, split: null);

        Assert.Equal((3, 2, 1, digest.Sha256()), (content.Rows, content.Survivors, content.HeldOutRows, content.Sha256));
        Assert.Equal([(true, false, 1, 2), (false, true, 3, 1)], content.Points.Points.Select(point => (point.Survived, point.IsHeldOut, point.Fold, point.Rows)));
    }

    [Fact]
    public void Rows_with_one_person_key_are_a_group()
    {
        var split = new PersonSplit(PersonSplit.DefaultSalt, PersonSplit.DefaultShare);
        var csv = new StringBuilder(TrainingSnapshot.Header(BinnedEncoder.Schema, isByPerson: true)).Append('\n');
        foreach (var (number, person, survived) in ((int, long, bool)[])[(1, 10, true), (2, 20, true), (3, 10, false), (4, 10, true), (5, 30, true)])
            TrainingSnapshot.AppendRow(csv, Row(number, person, survived)).Append('\n');

        var points = SnapshotContent.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), TrainingViews.Binned, split).Points.Points;

        Assert.Equal(5, points.Sum(point => point.Rows));
        Assert.Equal([(true, 10), (true, 10), (false, 10)], points.Where(point => point.Group is not null).Select(point => (point.Survived, point.Group!.Value)).OrderByDescending(point => point.Survived));
        Assert.Equal(2, points.Where(point => point.Group is null).Sum(point => point.Rows));

        TrainingRow Row(int number, long person, bool survived) =>
            new("upload", $"{number}", 0, 0, [3, 0, 0, 0], survived, split.IsHeldOut(person), PersonSplit.FoldOf(person), person);
    }

    [Theory]
    [InlineData(1, 0, "must have the fold")]
    [InlineData(0, 1, "must have the fold")]
    [InlineData(0, 0, null)]
    public void Rejects_a_fold_or_side_that_does_not_follow_from_the_person(int otherFold, int otherSide, string? message)
    {
        var split = new PersonSplit("salt", 0.2);
        var fold = (PersonSplit.FoldOf(77) + otherFold) % PersonSplit.Folds;
        var isHeldOut = split.IsHeldOut(77) ^ otherSide == 1;
        var csv = TrainingSnapshot.AppendRow(
            new StringBuilder(TrainingSnapshot.Header(BinnedEncoder.Schema, isByPerson: true)).Append('\n'),
            new TrainingRow("upload", "1", 0, 0, [3, 0, 0, 0], true, isHeldOut, fold, 77)).Append('\n').ToString();

        var exception = Record.Exception(() => TrainingSnapshot.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), TrainingViews.Binned, split).ToList());

        Assert.Equal(message is not null, exception is InvalidDataException);
        Assert.Contains(message ?? "", exception?.Message ?? "", StringComparison.Ordinal);
    }

    private static List<TrainingRow> Read(string csv, ITrainingView? view = null) =>
        [.. TrainingSnapshot.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), view ?? TrainingViews.Binned, split: null)];
}
