namespace Titanic.Web.Tests.Pages;

/// <summary>One site with data and one without, shared by all tests that only read pages.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSites : ICollectionFixture<FullSite>, ICollectionFixture<EmptySite>
{
    public const string Name = "sites to read";
}
