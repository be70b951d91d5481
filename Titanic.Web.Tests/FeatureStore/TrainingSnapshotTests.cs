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
    public void A_row_with_any_key_is_read_as_it_was_written(string key)
    {
        var row = new TrainingRow("upload", key, 0, 0, [3, 1, 5, 10], true, false, 4);

        var read = Assert.Single(Read(Header + TrainingSnapshot.AppendTo(new StringBuilder(), row) + "\n"));

        Assert.Equal((row.Source, row.SourceKey, row.Survived, row.IsHeldOut, row.Fold), (read.Source, read.SourceKey, read.Survived, read.IsHeldOut, read.Fold));
        Assert.Equal(row.Features, read.Features);
    }

    [Theory]
    [InlineData(0.1 + 0.2, 1.098612289)]
    [InlineData(120, 0)]
    [InlineData(0, 709.7827129)]
    public void Numbers_are_read_to_the_last_bit(double age, double logFare)
    {
        var row = new TrainingRow("api", "1", 0, 0, [1, 0, age, logFare], false, true, 0);
        var csv = $"{TrainingSnapshot.Header(NumericEncoder.Schema)}\n{TrainingSnapshot.AppendTo(new StringBuilder(), row)}\n";

        Assert.Equal(row.Features, Assert.Single(Read(csv, TrainingViews.Numeric)).Features);
    }

    [Theory]
    [InlineData("", "do not begin with the header")]
    [InlineData("source\n", "do not begin with the header")]
    [InlineData("\uFEFF" + Header, "do not begin with the header")]
    [InlineData(Header + "upload,1,3,1,5,10,1\n", "Record 2 of the rows is \"upload,1,3,1,5,10,1\"; it is not written as a row of titanic_binned v1 is.")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,4,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,11,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5.5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,NaN,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,1e999,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,03,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1, 3,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,\"1\",3,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,10,2,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,5\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\r\n", "not written as a row")]
    [InlineData(Header + "titanic4,1,3,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "\nupload,1,3,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\n\n", "not written as a row")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\rupload,2,3,1,5,10,1,0,2\n", "Record 2")]
    [InlineData(Header + "upload,a\0b,3,1,5,10,1,0,2\n", "not written as a row")]
    [InlineData(Header + "upload,2,3,1,5,10,1,0,2\nupload,1,3,1,5,10,1,0,2\n", "Record 3 of the rows is \"upload,1,3,1,5,10,1,0,2\"; it must come after the one before")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2\nupload,1,3,1,5,10,0,0,2\n", "it must come after the one before")]
    [InlineData(Header + "upload,1,3,1,5,10,1,0,2", "Record 2 of the rows is cut off")]
    [InlineData(Header + "upload,\"1,3,1,5,10,1,0,2\n", "Record 2 of the rows is cut off")]
    public void What_is_not_written_for_any_rows_is_refused(string csv, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<InvalidDataException>(() => Read(csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_with_their_place()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Header + "upload,"), 0xE9, .. Encoding.UTF8.GetBytes(",3,1,5,10,1,0,2\n")];

        var refusal = Assert.Throws<InvalidDataException>(() => TrainingSnapshot.Read(new MemoryStream(bytes), TrainingViews.Binned).ToList());

        Assert.Contains($"byte {Header.Length + 8} of the file (0xE9) is not valid UTF-8", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>As PostgreSQL sorts them: by the bytes of UTF-8, in which U+FF5E comes before U+1F600, but not in .NET's strings.</summary>
    [Fact]
    public void Keys_are_in_the_order_of_their_bytes() =>
        Assert.Equal(["～", "😀"], Read(Header + "upload,～,3,1,5,10,1,0,2\nupload,😀,3,1,5,10,1,0,2\n").Select(row => row.SourceKey));

    [Fact]
    public void The_content_has_the_digest_of_the_rows_and_counts_equal_ones_together()
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
            TrainingSnapshot.AppendTo(csv, row).Append('\n');
        }

        var content = SnapshotContent.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), TrainingViews.Binned);

        Assert.Equal((3, 2, 1, digest.Sha256()), (content.Rows, content.Survivors, content.HeldOutRows, content.Sha256));
        Assert.Equal([(true, false, 1, 2), (false, true, 3, 1)], content.Points.Points.Select(point => (point.Survived, point.IsHeldOut, point.Fold, point.Rows)));
    }

    private static List<TrainingRow> Read(string csv, ITrainingView? view = null) =>
        [.. TrainingSnapshot.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), view ?? TrainingViews.Binned)];
}
