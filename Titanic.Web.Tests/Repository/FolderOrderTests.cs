using NetArchTest.Rules;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Repository;

/// <summary>The way of the data is the order of the folders: a folder uses only folders above it.</summary>
public sealed class FolderOrderTests
{
    private static readonly string[] InOrder =
        ["Passengers", "FeatureStore", "Training", "Registry", "Serving", "Monitoring", "Lifecycle", "Pipelines", "Pages", "Hosting"];

    /// <summary>May be used by all.</summary>
    private static readonly string[] Shared = ["Access", "Database"];

    public static TheoryData<string> Folders => [.. InOrder, .. Shared];

    [Fact]
    public void Every_folder_has_its_place_in_the_order() =>
        Assert.Equal(InOrder.Concat(Shared).Order(StringComparer.Ordinal), RepositoryFolder.Nouns);

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_folders_above_it(string folder)
    {
        var forbidden = ForbiddenTo(folder);
        var offenders = forbidden.SelectMany(other => Types.InAssembly(typeof(TitanicDb).Assembly)
            .That().ResideInNamespace($"Titanic.Web.{folder}")
            .And().DoNotResideInNamespace("Titanic.Web.Database.Migrations")
            .ShouldNot().HaveDependencyOnAny($"Titanic.Web.{other}")
            .GetResult().FailingTypeNames?.Select(type => $"{type} uses {other}/") ?? []).ToList();

        Assert.True(offenders.Count == 0, $"{folder}/ may not use {string.Join(", ", forbidden)}:\n{string.Join('\n', offenders)}");
    }

    private static IReadOnlyList<string> ForbiddenTo(string folder) => folder switch
    {
        "Access" => InOrder,
        "Database" => ["Pages", "Hosting", "Access"], // the schema names the nouns' entities
        _ => InOrder[(Array.IndexOf(InOrder, folder) + 1)..],
    };
}
