using System.Globalization;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>A training dataset as a form brings it: all texts, with what a first look at the form shows.</summary>
public sealed class DatasetForm
{
    /// <summary>Name and version: "titanic_binned v1".</summary>
    public string? View { get; set; } = TrainingViews.Binned.Schema.ToString();
    public string? AsOf { get; set; }
    public string? KnownBefore { get; set; }
    public string[] Sources { get; set; } = [];
    public string? TestShare { get; set; } = PersonSplit.DefaultShare.ToString(CultureInfo.InvariantCulture);
    public string? Salt { get; set; } = PersonSplit.DefaultSalt;

    /// <summary>See <see cref="TrainingDatasetRequest.Resolve"/>.</summary>
    internal async Task<(TrainingDatasetDefinition? Definition, IReadOnlyDictionary<string, string> Problems)> Resolve(TitanicDb db, CancellationToken cancellation)
    {
        var view = TrainingViews.All.SingleOrDefault(view => view.Schema.ToString() == View)?.Schema;
        var share = TestShare?.Trim() ?? "";
        var isShareRead = PlainNumber.TryReadDecimal(share, out var testShare);
        var request = new TrainingDatasetRequest(view?.Name ?? View, view?.Version, AsOf, KnownBefore, Sources, isShareRead ? testShare : null, Salt);
        var (definition, problems) = await request.Resolve(db, cancellation);
        if (isShareRead || share.Length == 0)
            return (definition, problems);
        return (null, new Dictionary<string, string>(problems)
        {
            ["testShare"] = $"The share that is held out is \"{Excerpt.Truncate(share)}\"; it must be at least 0 and less than 1 in plain digits, such as 0.2.",
        });
    }
}
