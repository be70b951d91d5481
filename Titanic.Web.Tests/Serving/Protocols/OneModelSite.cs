namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>The classes of this collection ask one site with a model, one after another.</summary>
[CollectionDefinition]
public sealed class OneModelSite : ICollectionFixture<PredictionsApiTests.ModelSite>;
