using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Titanic.Web.Tests.LongestFirstOrderer))]

namespace Titanic.Web.Tests;

/// <summary>
/// Orders the test collections: the slowest first, so that none of them is left at the end of a run while a processor is idle; then the
/// others by name.
/// </summary>
public sealed class LongestFirstOrderer : ITestCollectionOrderer
{
    private static readonly string[] _longest =
    [
        Pages.SharedSites.Name, nameof(Hosting.FirstStartTests), nameof(FullSiteCollection), nameof(Serving.KilledServerTests), nameof(Pipelines.AlternativeLearnerRunsTests),
        nameof(Hosting.ReproduceCommandTests), nameof(Pipelines.KilledRegistrationTests), nameof(Lifecycle.ModelReproductionTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection =>
        Array.FindIndex(_longest, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is >= 0 and var place ? place : _longest.Length;
}
