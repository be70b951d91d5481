namespace Titanic.Web.Tests.Pages;

/// <summary>One full and one empty site for all tests that only read pages.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSites : ICollectionFixture<FullSite>, ICollectionFixture<EmptySite>
{
    public const string Name = "sites to read";
}
